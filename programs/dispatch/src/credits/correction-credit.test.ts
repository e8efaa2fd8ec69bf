import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { correctionCredit } from './correction-credit.ts';

const coins = fc.bigInt(0n, 10n ** 6n).map((amount) => amount * 1_000n);

test('corrections one after the other come to the dearest difference, never beyond the invoice', () => {
  fc.assert(
    fc.property(
      coins,
      fc.array(coins, { minLength: 1, maxLength: 8 }),
      coins,
      (invoicedNet, rights, other) => {
        const credited = other < invoicedNet ? other : invoicedNet;
        let creditable = invoicedNet - credited;
        let creditedForCorrections = 0n;
        for (const rightNet of rights) {
          const net = correctionCredit({ invoicedNet, rightNet, creditedForCorrections, creditable });
          assert.ok(net >= 0n && net <= creditable);
          creditedForCorrections += net;
          creditable -= net;
          // Whatever was credited otherwise, what is left to pay is no more than the right results are worth.
          assert.ok(creditable <= rightNet);
        }
      },
    ),
  );
});

test('more fuel than was invoiced credits nothing and charges nothing', () => {
  const invoice = { invoicedNet: 20_000n, creditedForCorrections: 0n, creditable: 20_000n };
  assert.equal(correctionCredit({ ...invoice, rightNet: 25_000n }), 0n);
  assert.equal(correctionCredit({ ...invoice, rightNet: 20_000n }), 0n);
  assert.equal(correctionCredit({ ...invoice, rightNet: 18_000n }), 2_000n);
});
