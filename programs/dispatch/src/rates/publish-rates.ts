import { ApiError } from '@taika/http/api-error';
import { pricedLevels } from '@taika/protocol/trust-prices';
import type { DispatchContext } from '../context.ts';
import { findRateCard, insertNextRateCard, type RateCardRow } from './queries.ts';
import { defaultRateCard, demoRateCard, type NewRateCard } from './rate-card.ts';

/** Publishes the next version of the rate card. A repeated call gives what was published; an older version never changes. */
export async function publishRates(
  { sql, clock, contractor }: Pick<DispatchContext, 'sql' | 'clock' | 'contractor'>,
  version: number,
  card: NewRateCard,
): Promise<RateCardRow> {
  checkCard(card, contractor.currency);
  const published = { version, ...card, publishedAt: clock.now() };
  if (await insertNextRateCard(sql, published)) {
    return published;
  }
  const known = await findRateCard(sql, version);
  if (known === undefined) {
    throw new ApiError('conflict', `Version ${version} is not the next one; versions have no gaps.`);
  }
  if (!isSame(known, published)) {
    throw new ApiError('idempotency-conflict', `Version ${version} is published with other rates.`);
  }
  return known;
}

/** Bounds that keep every product and sum of a job within exact 64-bit amounts. */
const amountMilliMax = 10n ** 12n;
const fuelMax = 10n ** 18n;

function checkCard(card: NewRateCard, currency: string): void {
  const isRight = {
    [`price.currency (this contractor bills in ${currency})`]: card.currency === currency,
    'price.amountMilli': card.priceMilli >= 0n && card.priceMilli <= amountMilliMax,
    pointsMilli: card.pointsMilli >= 0n && card.pointsMilli <= amountMilliMax,
    perFuel: card.perFuel > 0n && card.perFuel <= fuelMax,
    referenceFuelPerSecond: card.referenceFuelPerSecond > 0n && card.referenceFuelPerSecond <= fuelMax,
    'taxBasisPoints (0 to 10000)': card.taxBasisPoints >= 0 && card.taxBasisPoints <= 10_000,
  };
  const wrong = Object.entries(isRight).find(([, right]) => !right)?.[0];
  if (wrong !== undefined) {
    throw new ApiError('bad-request', `The rate card's ${wrong} is out of range.`);
  }
}

function isSame(known: RateCardRow, wanted: RateCardRow): boolean {
  return (
    known.perFuel === wanted.perFuel &&
    known.currency === wanted.currency &&
    known.priceMilli === wanted.priceMilli &&
    known.pointsMilli === wanted.pointsMilli &&
    known.taxBasisPoints === wanted.taxBasisPoints &&
    known.referenceFuelPerSecond === wanted.referenceFuelPerSecond &&
    pricedLevels.every((level) => known.levelFactors?.[level] === wanted.levelFactors?.[level])
  );
}

/** Publishes version 1 unless there is one: a first start does, and replicas that start together do it once. */
export async function publishFirstRates(
  context: Pick<DispatchContext, 'sql' | 'clock' | 'contractor'>,
  kind: 'standard' | 'demo',
): Promise<void> {
  const card = kind === 'demo' ? demoRateCard : defaultRateCard;
  await insertNextRateCard(context.sql, {
    version: 1,
    ...card(context.contractor.currency),
    publishedAt: context.clock.now(),
  });
}
