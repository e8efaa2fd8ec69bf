import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packRun } from '../results/packed-run.ts';
import { extremeOf, isCritical } from './critical.ts';

function resultOf(...outputs: string[]) {
  const units = outputs.map((output) => ({ fuel: 1, output: Buffer.from(output) }));
  return { units: units.length, outputs: packRun(units), blobs: null };
}

test('a result is critical when one of its units prints the text, and not when two do together', () => {
  assert.equal(isCritical({ contains: 'FOUND' }, resultOf('no\n', 'key FOUND 7\n'), null), true);
  assert.equal(isCritical({ contains: 'FOUND' }, resultOf('no FO', 'UND no\n'), null), false);
  assert.equal(isCritical({ contains: '発見' }, resultOf('鍵を発見\n'), null), true);
});

test('a number beyond what is certain is critical, and one as good is not', () => {
  assert.equal(isCritical({ extreme: 'largest' }, resultOf('energy -3.5e1 J', '12'), 11), true);
  assert.equal(isCritical({ extreme: 'largest' }, resultOf('energy -3.5e1 J', '12'), 12), false);
  assert.equal(isCritical({ extreme: 'smallest' }, resultOf('energy -3.5e1 J', '12'), -34), true);
  assert.equal(isCritical({ extreme: 'smallest' }, resultOf('energy -3.5e1 J', '12'), -35), false);
  assert.equal(isCritical({ extreme: 'smallest' }, resultOf('12'), null), true, 'The first is the record.');
});

test('what prints no number is no record', () => {
  assert.equal(extremeOf({ extreme: 'largest' }, resultOf('', 'none', 'NaN', '1e999')), undefined);
  assert.equal(extremeOf({ extreme: 'largest' }, resultOf('.5', '+0.75;9')), 0.75);
  assert.equal(extremeOf({ contains: 'x' }, resultOf('5')), undefined);
});

test('an output that was uploaded is critical, so that nobody hides one there', () => {
  assert.equal(isCritical({ contains: 'FOUND' }, { ...resultOf(''), blobs: [{ at: 0 }] }, null), true);
});
