import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compare, criticalBinder, criticalTemperature, exactMagnetisation, readPoints } from './compare.ts';
import { drawBinder, drawMagnetisation } from './draw.ts';

const points = readPoints();
const { deviations, crossings } = compare(points);
const beside = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

test('below the critical temperature the sweep has the exact magnetisation', () => {
  assert.equal(deviations.length, 5);
  for (const { temperature, sigma } of deviations) assert.ok(Math.abs(sigma) < 3, `${temperature}: ${sigma}`);
});

test('the curves cross at the exact critical temperature, at the height that theory gives', () => {
  for (const { sizes, temperature } of crossings)
    assert.ok(Math.abs(temperature - criticalTemperature) < 0.005, `${sizes}: ${temperature}`);
  const there = points.find(({ size, temperature }) => size === 64 && temperature === 2.27);
  assert.ok(Math.abs((there?.binder ?? 0) - criticalBinder) < 0.01, String(there?.binder));
});

test('the exact solution is zero above, one far below, and steep between', () => {
  assert.equal(exactMagnetisation(2.27), 0);
  assert.ok(exactMagnetisation(0.5) > 0.99999);
  assert.ok(exactMagnetisation(2.26) < 0.8);
});

test('the figures and pictures of the case study are these', () => {
  const readme = beside('README.md');
  assert.ok(readme.includes(`| ${deviations.map(({ sigma }) => sigma.toFixed(1)).join(' | ')} |`));
  const [first, second] = crossings.map(({ temperature }) => temperature.toFixed(4));
  assert.ok(readme.includes(`16 and 32 cross at ${first}, 32 and 64 at ${second}`));
  assert.equal(beside('magnetisation.svg'), drawMagnetisation(points));
  assert.equal(beside('binder.svg'), drawBinder(points));
});
