import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawn } from './held-parts.ts';
import { returnPoints } from './refund.ts';

const now = new Date('2026-11-26T12:00:00Z');
const bucket = (month: string, amount: bigint) => ({ account: `points:member:7:${month}`, amount });
const give = (taken: ReturnType<typeof bucket>[], debt = 0n) =>
  returnPoints(taken, { member: '7', debt, now });

test('points go back to the months they were taken from', () => {
  const taken = [bucket('2026-11', 3n), bucket('2027-02', 4n)];
  assert.deepEqual(give(taken), { parts: taken, debtRepaid: 0n });
});

test('where a month is over, its points can be spent for 30 days at least', () => {
  assert.deepEqual(give([bucket('2026-09', 3n), bucket('2026-10', 2n), bucket('2026-12', 4n)]).parts, [
    bucket('2026-12', 9n),
  ]);
  const parts = returnPoints([bucket('2026-09', 3n)], {
    member: '7',
    debt: 0n,
    now: new Date('2026-11-01T00:00:00Z'),
  }).parts;
  assert.deepEqual(parts, [bucket('2026-12', 3n)]);
});

test('what the member owes is settled first, out of the points that expire last', () => {
  const taken = [bucket('2026-11', 3n), bucket('2027-02', 4n)];
  assert.deepEqual(give(taken, 5n), { parts: [bucket('2026-11', 2n)], debtRepaid: 5n });
  assert.deepEqual(give(taken, 50n), { parts: [], debtRepaid: 7n });
});

test('refunds piece by piece give back what a capture drew, bucket by bucket, the last drawn first', () => {
  const amounts = fc.array(fc.bigInt(1n, 50n), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(amounts, fc.bigInt(1n, 250n), fc.array(fc.bigInt(1n, 60n)), (held, wish, pieces) => {
      const parts = held.map((amount, index) => bucket(`2027-0${index + 1}`, amount));
      const total = held.reduce((sum, amount) => sum + amount, 0n);
      const captured = wish < total ? wish : total;
      const back = new Map<string, bigint>();
      let left = captured;
      for (const piece of [...pieces, captured]) {
        const points = piece < left ? piece : left;
        const stretch = drawn(parts, { from: left - points, to: left });
        assert.equal(
          stretch.reduce((sum, { amount }) => sum + amount, 0n),
          points,
        );
        for (const { account, amount } of stretch) back.set(account, (back.get(account) ?? 0n) + amount);
        left -= points;
        // As if only this much had been captured.
        assert.deepEqual(
          drawn(parts, { from: 0n, to: left }),
          drawn(parts, { from: 0n, to: captured }).flatMap(({ account, amount }) => {
            const rest = amount - (back.get(account) ?? 0n);
            return rest > 0n ? [{ account, amount: rest }] : [];
          }),
        );
      }
    }),
  );
});
