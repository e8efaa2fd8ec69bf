import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertBalanced } from './journal.ts';
import { COIN } from './money.ts';
import { beyondLines, claimTotalEarned, claimTotalOwed } from './total-events.ts';

const lines = fc.array(
  fc.record({ amount: fc.bigInt(1n, 10_000_000n), rateBasisPoints: fc.constantFrom(0, 800, 1000) }),
  { minLength: 1, maxLength: 30 },
);

test('however lines are confirmed one after another, what is owed is the whole coins of their total', () => {
  fc.assert(
    fc.property(lines, (all) => {
      let booked = 0n;
      let before = { tax: 0n, rounding: 0n };
      for (const [index, { amount }] of all.entries()) {
        const now = beyondLines(all.slice(0, index + 1));
        const more = { tax: now.tax - before.tax, rounding: now.rounding - before.rounding };
        assert.ok(more.tax >= 0n);
        assert.ok(amount + more.tax + more.rounding >= 0n, 'A confirmed line never lessens what is owed.');
        booked += amount + more.tax + more.rounding;
        assert.equal(booked % COIN, 0n);
        before = now;
        if (more.tax !== 0n || more.rounding !== 0n) {
          assertBalanced(claimTotalOwed({ vendor: '3', currency: 'JPY', ...more }));
          assertBalanced(claimTotalEarned({ currency: 'JPY', ...more }));
        }
      }
    }),
  );
});
