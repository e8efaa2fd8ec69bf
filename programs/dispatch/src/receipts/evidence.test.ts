import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceOf, unitsOf } from './evidence.ts';
import type { WorkSum } from './queries.ts';

const sum = (kind: WorkSum['kind'], points: bigint, units = 1n): WorkSum => ({
  kind,
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
