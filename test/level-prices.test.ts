/** What `taika quote` says a job will cost is what its invoice says, for the same fuel and level; and never beyond the hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactRange } from '@taika/client/quote/estimate';
import { priceLevels } from '@taika/client/quote/price-quote';
import { jobTotals } from '@taika/dispatch/billing/job-limit';
import { priceOf, rateFor } from '@taika/dispatch/billing/price';
import { type LevelFactors, pricedLevels, type WantedTrust } from '@taika/protocol/trust-prices';
import fc from 'fast-check';

const factor = fc.integer({ min: 10, max: 100_000 });
const factors: fc.Arbitrary<LevelFactors | null> = fc.option(
  fc.record({ plain: factor, economy: factor, standard: factor, high: factor, strict: factor }),
);
const card = fc.record({
  perFuel: fc.bigInt(1n, 10n ** 18n),
  priceMilli: fc.bigInt(0n, 10n ** 9n),
  taxBasisPoints: fc.integer({ min: 0, max: 10_000 }),
  levelFactors: factors,
});
const wanted: fc.Arbitrary<WantedTrust> = fc.oneof(
  fc.constantFrom(...pricedLevels).map((level) => (level === 'plain' ? {} : { trust: level })),
  fc.integer({ min: 1, max: 5 }).map((copies) => ({ copies })),
);

test('an invoice is what was quoted for the same fuel and level, or as much less as its bound takes off', () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 10n ** 18n),
      card,
      wanted,
      fc.bigInt(1_000n, 10n ** 12n),
      (fuel, card, wanted, maxPriceMilli) => {
        const rates = { ...card, levelFactors: card.levelFactors ?? undefined, referenceFuelPerSecond: 1n };
        const own = priceLevels(exactRange(fuel), rates, wanted).filter(({ isOwn }) => isOwn);
        const quoted = own[0]?.total.likely ?? assert.fail();
        assert.equal(own.length, 1);
        const { taxBasisPoints } = card;
        const bounded = jobTotals(priceOf(fuel, rateFor(card, wanted)), { taxBasisPoints, maxPriceMilli });
        assert.ok(bounded.total <= maxPriceMilli);
        if (quoted <= maxPriceMilli) assert.equal(bounded.total, quoted);
        else assert.ok(bounded.beyondMilli > 0n);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('plain is the price of the card, and each surer level of the first card costs more', () => {
  const levelFactors = { plain: 1_000, economy: 1_050, standard: 1_100, high: 1_250, strict: 2_000 };
  const rates = { perFuel: 1n, priceMilli: 1_000n, taxBasisPoints: 0, referenceFuelPerSecond: 1n };
  const totals = (of: typeof rates & { levelFactors?: LevelFactors }) =>
    priceLevels(exactRange(1_000n), of).map(({ total }) => Number(total.likely) / 1_000);
  assert.deepEqual(totals({ ...rates, levelFactors }), [1_000, 1_050, 1_100, 1_250, 2_000]);
  assert.deepEqual(totals(rates), [1_000, 1_000, 1_000, 1_000, 1_000]);
});
