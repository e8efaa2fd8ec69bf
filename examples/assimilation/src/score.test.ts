import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { drawErrors, drawPlace } from './draw.ts';
import { readInputs, score } from './score.ts';

const inputs = readInputs();
const scores = score(inputs);
const beside = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

test('the analysis is as good as the literature’s filters, and the filter knows it', () => {
  assert.ok(scores.analysis > 0.17 && scores.analysis < 0.23, String(scores.analysis));
  assert.ok(Math.abs(scores.spread - scores.analysis) < 0.03, String(scores.spread));
});

test('observations, free run and climatology are where they must be', () => {
  assert.ok(Math.abs(scores.observations - 1) < 0.02, String(scores.observations));
  assert.ok(Math.abs(scores.climatology - 3.64) < 0.05, String(scores.climatology));
  assert.ok(scores.freeRun > 3, String(scores.freeRun));
});

test('the figures and pictures of the case study are these', () => {
  const readme = beside('README.md');
  for (const figure of [
    scores.analysis,
    scores.spread,
    scores.observations,
    scores.climatology,
    scores.freeRun,
  ])
    assert.ok(
      readme.includes(`| ${figure.toFixed(3)} |`) || readme.includes(`**${figure.toFixed(3)}**`),
      String(figure),
    );
  assert.equal(beside('errors.svg'), drawErrors(scores));
  assert.equal(beside('place.svg'), drawPlace(inputs));
});
