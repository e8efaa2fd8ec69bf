import { readRates, setRates } from '@taika/protocol/dispatch/parties';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { publishRates } from './publish-rates.ts';
import { type RateCardRow, readCurrentRateCard } from './queries.ts';
import { defaultRateCard, isDemoRateCard } from './rate-card.ts';

/** The rate card: published by the operator, read by everybody. */
export function registerRateRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(setRates, async ({ params, body }) =>
    toRateCard(
      await publishRates(context, Number(params.version), {
        perFuel: BigInt(body.perFuel),
        currency: body.price.currency,
        priceMilli: BigInt(body.price.amountMilli),
        pointsMilli: BigInt(body.pointsMilli),
        taxBasisPoints: body.taxBasisPoints,
        referenceFuelPerSecond: BigInt(body.referenceFuelPerSecond),
        levelFactors: body.levelFactors ?? null,
      }),
    ),
  );

  route(readRates, async () => toRateCard(await readCurrentRateCard(context.sql)));
}

function toRateCard(row: RateCardRow) {
  return {
    version: row.version,
    perFuel: row.perFuel,
    price: { currency: row.currency, amountMilli: row.priceMilli },
    pointsMilli: row.pointsMilli,
    taxBasisPoints: row.taxBasisPoints,
    referenceFuelPerSecond: row.referenceFuelPerSecond,
    ...(row.levelFactors === null ? {} : { levelFactors: row.levelFactors }),
    ...(isDemoRateCard(row) ? { demonstration: usual(row.currency) } : {}),
  };
}

function usual(currency: string) {
  const { perFuel, priceMilli } = defaultRateCard(currency);
  return { usualPerFuel: perFuel, usualPrice: { currency, amountMilli: priceMilli } };
}
