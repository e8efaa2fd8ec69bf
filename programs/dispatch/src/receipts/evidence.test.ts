import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceOf, evidenceOfMonth, unitsForLicense, unitsOf } from './evidence.ts';
import type { WorkSum } from './queries.ts';

const sum = (
  kind: WorkSum['kind'],
  points: bigint,
  units = 1n,
  use: WorkSum['use'] = 'evidence',
): WorkSum => ({
  kind,
  use,
  fuel: points * 10n,
  units,
  perFuel: 10n,
  pointsMilli: 1n,
});

test('evidence is what is pending, what is final, and what was lost', () => {
  const work = [sum('accepted', 5n), sum('committed', 9n, 3n), sum('finalized', 4n), sum('forfeited', 2n)];
  assert.deepEqual(evidenceOf(work), { committed: 3n, final: 9n, forfeited: 2n });
  assert.equal(unitsOf(work), 4n);
});

test('work committed before the window and settled within it is not owed twice', () => {
  assert.deepEqual(evidenceOf([sum('finalized', 4n)]), { committed: 0n, final: 4n, forfeited: 0n });
});

test('what became points to be spent is no evidence, nor is what is pending for a service', () => {
  const work = [sum('accepted', 5n, 2n, 'spend'), sum('committed', 7n, 1n, 'spend'), sum('finalized', 3n)];
  assert.deepEqual(evidenceOf(work, 'evidence'), { committed: 4n, final: 3n, forfeited: 0n });
  assert.deepEqual(evidenceOf(work, 'spend'), { committed: 0n, final: 3n, forfeited: 0n });
  assert.deepEqual([unitsOf(work), unitsForLicense(work)], [3n, 0n]);
});

test('a final result that was found wrong later is evidence no more', () => {
  const work = [sum('accepted', 5n), sum('recalled', 2n)];
  assert.deepEqual(evidenceOf(work), { committed: 0n, final: 3n, forfeited: 2n });
});

test('a month rests on what came in during it, and on no more than stands', () => {
  assert.equal(evidenceOfMonth([sum('accepted', 5n), sum('committed', 7n)]), 12n);
  assert.equal(evidenceOfMonth([sum('committed', 7n), sum('forfeited', 3n)]), 4n);
  assert.equal(evidenceOfMonth([sum('accepted', 5n), sum('recalled', 2n)]), 3n);
  // Computed before, accepted for good only now.
  assert.equal(evidenceOfMonth([sum('accepted', 1n), sum('finalized', 20n)]), 1n);
  assert.equal(evidenceOfMonth([sum('accepted', 5n, 1n, 'spend')]), 0n);
});
