import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COIN } from './money.ts';
import { invoiceTotals, netWithin, taxOn, taxWithin } from './tax.ts';

const rate = fc.constantFrom(0, 800, 1000, 1900, 2100);
const amount = fc.bigInt(0n, 10n ** 12n);

test('tax is rounded once per invoice and rate', () => {
  // Three lines of 5 yen: each alone would round its tax of 0.5 up to 1.
  const line = { amount: 5_000n, rateBasisPoints: 1000 };
  const totals = invoiceTotals([line, line, line]);
  assert.deepEqual(totals, {
    groups: [{ rateBasisPoints: 1000, net: 15_000n, tax: 2_000n }],
    net: 15_000n,
    tax: 2_000n,
    total: 17_000n,
  });
});

test('rates are kept apart and totals are the sums of what is printed', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ amount, rateBasisPoints: rate }), { maxLength: 20 }), (lines) => {
      const totals = invoiceTotals(lines);
      const printed = totals.groups.every(
        (group) =>
          group.net % COIN === 0n &&
          group.tax % COIN === 0n &&
          group.tax === taxOn(group.net, group.rateBasisPoints),
      );
      const net = totals.groups.reduce((sum, group) => sum + group.net, 0n);
      return printed && totals.net === net && totals.total === totals.net + totals.tax;
    }),
  );
});

test('the order of lines does not matter', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ amount, rateBasisPoints: rate }), { maxLength: 20 }), (lines) => {
      assert.deepEqual(invoiceTotals(lines), invoiceTotals(lines.toReversed()));
    }),
  );
});

test('the tax is rounded from the exact product, not twice', () => {
  // 10 % of 4.999 yen is 0.4999 yen; rounded to a thousandth first it would be 0.500, and then a whole yen.
  assert.equal(taxOn(4_999n, 1000), 0n);
  assert.equal(taxOn(5_000n, 1000), 1_000n);
  assert.equal(taxOn(24_995n, 1000), 2_000n);
});

test('a price that includes tax is split into what it was made of', () => {
  assert.equal(taxWithin(1_100_000n, 1000), 100_000n);
  assert.equal(taxWithin(0n, 1000), 0n);
});

test('a limit that includes tax is used up but never passed', () => {
  fc.assert(
    fc.property(amount, rate, (gross, rateBasisPoints) => {
      const net = netWithin(gross, rateBasisPoints);
      const next = net + COIN;
      return net + taxOn(net, rateBasisPoints) <= gross && next + taxOn(next, rateBasisPoints) > gross;
    }),
  );
});
