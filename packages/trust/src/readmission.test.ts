import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanResultsOfHardware } from './figures.ts';
import { mayBeReadmitted } from './readmission.ts';

const revoked = { standing: 'revoked', reentries: 0 } as const;
const going = { out: 10, checked: cleanResultsOfHardware - 10, wrong: 1, isIsolated: true };

test('a revoked terminal may come back while what is still out could show that it was the hardware', () => {
  assert.equal(mayBeReadmitted(revoked, going), true);
  assert.equal(mayBeReadmitted(revoked, { ...going, wrong: 0 }), true);
});

test('nobody may come back after a second wrong result, a friend that agreed, too few results, the end, or the one re-entry', () => {
  for (const change of [
    { wrong: 2 },
    { isIsolated: false },
    { out: 9 },
    { out: 0, checked: cleanResultsOfHardware },
  ]) {
    assert.equal(mayBeReadmitted(revoked, { ...going, ...change }), false, JSON.stringify(change));
  }
  assert.equal(mayBeReadmitted({ ...revoked, reentries: 1 }, going), false);
  for (const standing of ['probation', 'trusted'] as const) {
    assert.equal(mayBeReadmitted({ ...revoked, standing }, going), false, standing);
  }
});
