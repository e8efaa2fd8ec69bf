import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { priceOf, totalsOf } from '../billing/price.ts';
import { mayGoOn, type Spending } from './spending.ts';

const rate = { priceMilli: 1_000n, perFuel: 1_000n, factorThousandths: 1_000n, taxBasisPoints: 1_000 };
const spending: Spending = {
  fuelBefore: 0n,
  fuel: 50_000n,
  unitsDone: 5,
  unitsOut: 2,
  unitCount: 100,
  maxPriceMilli: 110_000n,
  rate,
};

test('a job pauses when what is out and one unit more would pass what it may cost, tax included', () => {
  assert.equal(mayGoOn(spending), true);
  assert.equal(mayGoOn({ ...spending, unitsOut: 4 }), true);
  assert.equal(mayGoOn({ ...spending, unitsOut: 5 }), false);
  assert.equal(mayGoOn({ ...spending, unitsOut: 5, maxPriceMilli: 121_000n }), true);
  assert.equal(mayGoOn({ ...spending, fuelBefore: 50_000n }), false);
  assert.equal(mayGoOn({ ...spending, unitsDone: 100, unitsOut: 0, maxPriceMilli: 1n }), true);
  // At a tenth more for each unit it is reached a unit sooner.
  const dearer = { ...rate, factorThousandths: 1_100n };
  assert.equal(mayGoOn({ ...spending, unitsOut: 3, rate: dearer }), true);
  assert.equal(mayGoOn({ ...spending, unitsOut: 4, rate: dearer }), false);
});

test('with equal units a job that is handed out one by one never passes its bound', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.bigInt(1n, 90_000n),
      fc.bigInt(1n, 300_000n),
      (units, fuel, max) => {
        let done = 0;
        while (
          done < units &&
          mayGoOn({
            ...spending,
            fuel: BigInt(done) * fuel,
            unitsDone: done,
            unitsOut: 0,
            unitCount: units,
            maxPriceMilli: max,
          })
        )
          done += 1;
        const { total } = totalsOf([priceOf(BigInt(done) * fuel, rate)], rate.taxBasisPoints);
        // Nothing is known of the first unit before it is computed.
        assert.ok(done <= 1 || total <= max, `${done} units cost ${total}`);
      },
    ),
  );
});
