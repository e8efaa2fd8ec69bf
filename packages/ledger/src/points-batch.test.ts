import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertBalanced, signedAmount } from './journal.ts';
import { journalsOfEntries, type PointsEntry } from './points-batch.ts';

const at = new Date('2026-11-22T12:00:00Z');
const terms = { at, month: '2027-02', currency: 'JPY' };
const entry = (id: bigint, member: string, kind: PointsEntry['kind'], points: bigint): PointsEntry => ({
  id,
  member,
  kind,
  points,
});

test('entries become one journal per member and kind, keyed by their range', () => {
  const commands = journalsOfEntries(
    [
      entry(1n, 'a', 'pending', 5n),
      entry(2n, 'b', 'pending', 7n),
      entry(3n, 'a', 'final', 5n),
      entry(4n, 'a', 'pending', 6n),
    ],
    terms,
  );
  assert.deepEqual(
    commands.map((command) => command.idempotencyKey),
    ['points:pending:a:1-4', 'points:pending:b:2-2', 'points:final:a:3-3'],
  );
  assert.deepEqual(commands[0]?.command, {
    member: 'a',
    firstEntry: 1n,
    lastEntry: 4n,
    entries: 2,
    points: 11n,
  });
});

test('a batch books exactly the points of its entries', () => {
  const entries = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.bigInt(0n, 10n ** 9n)), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(entries, (rows) => {
      const commands = journalsOfEntries(
        rows.map(([member, points], index) => entry(BigInt(index + 1), member, 'pending', points)),
        terms,
      );
      for (const command of commands) assertBalanced(command.postings);
      const issued = commands
        .flatMap((command) => command.postings)
        .filter((posting) => posting.account === 'points:issued')
        .reduce((sum, posting) => sum + signedAmount(posting), 0n);
      assert.equal(
        issued,
        rows.reduce((sum, [, points]) => sum + points, 0n),
      );
    }),
  );
});
