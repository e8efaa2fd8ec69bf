import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@taika/http/api-error';
import { COIN } from '@taika/ledger/money';
import { pointsWorth } from '@taika/ledger/points';
import fc from 'fast-check';
import { type RefundParts, splitRefund } from './refund.ts';

const coins = (count: bigint) => count * COIN;
const orders = fc
  .record({
    currency: fc.constantFrom('JPY', 'EUR'),
    price: fc.bigInt(1n, 100_000n),
    permille: fc.bigInt(0n, 1_000n),
  })
  .map(({ currency, price, permille }) => ({
    currency,
    priceMilli: coins(price),
    discountMilli: coins((price * permille) / 1_000n),
  }));

test('however an order is refunded, neither points nor money come to more than was paid, and in the end to exactly that', () => {
  const pieces = fc.array(fc.bigInt(1n, 5_000n), { maxLength: 40 });
  fc.assert(
    fc.property(orders, pieces, (order, wanted) => {
      const sum = { amount: 0n, discount: 0n };
      const taken: RefundParts[] = [];
      const take = (askedMilli: bigint | undefined) => {
        const parts = splitRefund(order, {
          refundedMilli: sum.amount,
          refundedDiscountMilli: sum.discount,
          askedMilli,
        });
        assert.ok(parts.discountMilli >= 0n && parts.discountMilli <= parts.amountMilli);
        assert.equal(parts.discountMilli % COIN, 0n);
        assert.equal(pointsWorth(parts.pointsMilli, order.currency), parts.discountMilli);
        sum.amount += parts.amountMilli;
        sum.discount += parts.discountMilli;
        assert.ok(sum.discount <= order.discountMilli);
        assert.ok(sum.amount - sum.discount <= order.priceMilli - order.discountMilli);
        return parts;
      };
      for (const piece of wanted) {
        if (sum.amount + coins(piece) <= order.priceMilli) {
          const parts = take(coins(piece));
          if (piece % 3n === 0n) {
            taken.push(parts);
          }
        }
      }
      // Some are refused later, whichever they are: what is left still comes to what was paid.
      for (const { amountMilli, discountMilli } of taken) {
        sum.amount -= amountMilli;
        sum.discount -= discountMilli;
      }
      if (sum.amount < order.priceMilli) {
        take(undefined);
      }
      assert.deepEqual(sum, { amount: order.priceMilli, discount: order.discountMilli });
    }),
  );
});

test('nothing, fractions of a coin, and more than is left are no refund', () => {
  const order = { currency: 'JPY', priceMilli: 1_000_000n, discountMilli: 400_000n };
  const refused = (askedMilli: bigint | undefined, refundedMilli = 0n) => {
    try {
      const refundedDiscountMilli = (refundedMilli * 4n) / 10n;
      return splitRefund(order, { refundedMilli, refundedDiscountMilli, askedMilli });
    } catch (error) {
      return error instanceof ApiError ? error.code : error;
    }
  };
  assert.equal(refused(0n), 'bad-request');
  assert.equal(refused(-1_000n), 'bad-request');
  assert.equal(refused(1_500n), 'bad-request');
  assert.equal(refused(600_000n, 500_000n), 'wrong-state');
  assert.equal(refused(undefined, 1_000_000n), 'wrong-state');
  assert.deepEqual(refused(500_000n, 500_000n), {
    amountMilli: 500_000n,
    discountMilli: 200_000n,
    pointsMilli: 200_000n,
  });
});
