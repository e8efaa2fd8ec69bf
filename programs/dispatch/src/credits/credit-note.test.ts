import assert from 'node:assert/strict';
import { test } from 'node:test';
import { taxOn } from '@taika/ledger/tax';
import fc from 'fast-check';
import { creditableNet, creditTotals } from './credit-note.ts';

test('an invoice credited in parts is credited exactly: net, tax and total', () => {
  const coins = fc.bigInt(1n, 10n ** 7n).map((amount) => amount * 1_000n);
  fc.assert(
    fc.property(
      fc.array(coins, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 3_000 }),
      (parts, taxBasisPoints) => {
        const netMilli = parts.reduce((sum, part) => sum + part, 0n);
        let credited = { creditedNetMilli: 0n, creditedTaxMilli: 0n };
        for (const part of parts) {
          const { net, tax } = creditTotals(part, { netMilli, taxBasisPoints, ...credited });
          assert.ok(tax >= 0n);
          credited = {
            creditedNetMilli: credited.creditedNetMilli + net,
            creditedTaxMilli: credited.creditedTaxMilli + tax,
          };
          assert.ok(credited.creditedTaxMilli <= taxOn(netMilli, taxBasisPoints));
        }
        assert.equal(creditableNet({ netMilli, taxBasisPoints, ...credited }), 0n);
        assert.equal(credited.creditedTaxMilli, taxOn(netMilli, taxBasisPoints));
      },
    ),
  );
});
