import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invoiceTotals } from '@taika/ledger/tax';
import fc from 'fast-check';
import { type CorrectionTotals, correctionTotals, dueOf } from './claim-correction.ts';

test('a claim less its corrections is what its other lines come to, in whatever order they are cancelled', () => {
  const line = fc.record({
    amountMilli: fc.bigInt(1n, 500_000n),
    taxBasisPoints: fc.constantFrom(0, 800, 1000),
    isCancelled: fc.boolean(),
  });
  const totalOf = (lines: readonly { amountMilli: bigint; taxBasisPoints: number }[]) =>
    invoiceTotals(lines.map((each) => ({ amount: each.amountMilli, rateBasisPoints: each.taxBasisPoints })))
      .total;
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (wanted) => {
      type State = 'disputed' | 'confirmed' | 'cancelled';
      const lines = wanted.map((each, index) => ({ ...each, line: index + 1, state: 'disputed' as State }));
      const corrections: CorrectionTotals[] = [];
      for (const each of lines.filter(({ isCancelled }) => isCancelled)) {
        corrections.push(correctionTotals(lines, each.line));
        each.state = 'cancelled';
      }
      assert.equal(
        dueOf({ totalMilli: totalOf(lines) }, corrections),
        totalOf(lines.filter(({ state }) => state !== 'cancelled')),
      );
      assert.ok(corrections.every(({ netMilli, taxMilli }) => netMilli >= 0n && taxMilli >= 0n));
    }),
  );
});
