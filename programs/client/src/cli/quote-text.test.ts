import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CapacityText } from '@taika/protocol/dispatch/capacity';
import type { RateCardText } from '@taika/protocol/dispatch/parties';
import { defaultLevelFactors } from '@taika/protocol/trust-prices';
import { exactRange } from '../quote/estimate.ts';
import type { JobEstimate } from '../quote/job-estimate.ts';
import { type QuoteSources, quoteOf } from '../quote/quote-of.ts';
import { quoteText } from './quote-text.ts';

const yen = (amount: number) => ({ currency: 'JPY', amountMilli: String(amount * 1000) });
/** Two hours of eight cores of the reference machine. */
const fuel = exactRange(16n * 3600n * 10n ** 9n);
const estimate = {
  units: 960,
  unitsSampled: 12,
  inputBytes: 1000,
  outputBytes: exactRange(2000n),
  fuel,
  fuelPerSecondHere: 1e9,
  covers: 'all' as JobEstimate['covers'],
  stages: 1,
  hasSampledMerge: false,
};
const usual: RateCardText = {
  version: 1,
  perFuel: '1000000000000',
  price: { currency: 'JPY', amountMilli: '400' },
  pointsMilli: '200',
  taxBasisPoints: 1000,
  referenceFuelPerSecond: '1000000000',
  levelFactors: defaultLevelFactors,
};
const demonstration: RateCardText = {
  ...usual,
  perFuel: '1000000000',
  price: yen(1),
  demonstration: { usualPerFuel: usual.perFuel, usualPrice: usual.price },
};
const capacity = {
  terminals: 4,
  cores: 8,
  referenceFuelPerSecond: '1000000000',
  fuelWaiting: '0',
} as CapacityText;

function told(change: Partial<QuoteSources> = {}): string {
  const rates = change.rates ?? usual;
  return quoteText(
    estimate,
    rates,
    quoteOf(estimate, { rates, capacity, rented: yen(6), spec: {}, ...change }),
  );
}

test('a customer sees that the grid is cheaper than rented machines, by how much, and at whose price', () => {
  assert.match(
    told(),
    /On rented machines at 6 JPY a core-hour, before tax: 96 JPY\. Your own price: --rented "4\.5 JPY"\nHere a core-hour costs 1\.44 JPY: 76 % less\.$/,
  );
  // Each level by its own price: at strict everything is computed twice.
  assert.match(told({ spec: { trust: 'strict' } }), /Here a core-hour costs 2\.88 JPY: 52 % less\.$/);
});

test('the rates of a demonstration do not let rented machines look cheaper without saying what they are', () => {
  assert.match(
    told({ rates: demonstration }),
    /Here a core-hour costs 3,600 JPY: these are the rates of a demonstration, .*\nAt the rates that a contractor begins with \(0\.4 JPY for 1\.00 T\) this job would cost 25 JPY, tax included\.$/,
  );
  // At the job's own level, as the table has it at those rates.
  const strict = { spec: { trust: 'strict' } } as const;
  assert.match(told(strict), /strict \* +2 +51 JPY/);
  assert.match(told({ ...strict, rates: demonstration }), /this job would cost 51 JPY, tax included\.$/);
});

test('one terminal is one, and a price is asked for in the currency of the card', () => {
  assert.match(
    told({ capacity: { ...capacity, terminals: 1, cores: 1 } }),
    /with today’s 1 terminal, 1 core\n/,
  );
  const euro = (amountMilli: string) => ({ currency: 'EUR', amountMilli });
  const rates = { ...usual, price: euro('40') };
  assert.match(told({ rates, rented: euro('6000') }), /Your own price: --rented "4\.5 EUR"\n/);
});

test('where rented machines are cheaper, that is said', () => {
  assert.match(told({ rented: yen(1) }), /which is more: rented machines are cheaper for this job\.$/);
  assert.match(
    told({ rented: { currency: 'EUR', amountMilli: '1000' } }),
    /A core-hour costs 1\.44 JPY here, before tax\. What a rented one costs you: --rented "4\.5 JPY"$/,
  );
});

test('a deadline is held beside the time that today’s capacity takes', () => {
  const hour = 3_600_000;
  assert.match(told(), /Time {4}2\.0 h with today’s 4 terminals, 8 cores\n/);
  assert.match(told({ spec: { deadlineMs: 3 * hour } }), /8 cores: within the deadline of 3\.0 h\n/);
  assert.match(
    told({ spec: { deadlineMs: hour } }),
    /2\.0 h with .*: the deadline of 1\.0 h will be missed, unless more terminals come\n/,
  );
  const wide = { ...estimate, fuel: { ...fuel, high: fuel.high * 2n } };
  const sources = { rates: usual, capacity, rented: yen(6), spec: { deadlineMs: 3 * hour } };
  assert.match(quoteText(wide, usual, quoteOf(wide, sources)), /the deadline of 3\.0 h may be missed\n/);
  assert.match(
    told({ capacity: { ...capacity, cores: 0, terminals: 0 }, spec: { deadlineMs: hour } }),
    /no terminal is asking for work now, so nobody can say/,
  );
});

test('a job that will pause for its maxPrice is told so before it is submitted', () => {
  assert.match(
    told({ spec: { maxPrice: yen(10) } }),
    /The job will pause before it is done: it may cost at most 10 JPY/,
  );
  assert.doesNotMatch(told({ spec: { maxPrice: yen(26) } }), /pause/);
});

test('a quote from a sample says what its range assumes; one that computed all does not', () => {
  const text = (one: typeof estimate) =>
    quoteText(one, usual, quoteOf(one, { rates: usual, capacity, rented: yen(6), spec: {} }));
  const range = { ...fuel, high: fuel.high * 2n };
  assert.match(
    text({ ...estimate, fuel: range }),
    /^960 units, 12 of them computed here\. The range holds where the others are like these; one very heavy unit/,
  );
  assert.match(text({ ...estimate, units: 1 }), /^1 unit, all computed here\.\n/);
});

test('a quote of the first stage says that the job costs more, and how to know it exactly', () => {
  const text = (spec: QuoteSources['spec']) => {
    const part = { ...estimate, covers: 'first-stages' } as const;
    return quoteText(part, usual, quoteOf(part, { rates: usual, capacity, rented: yen(6), spec }));
  };
  const rounds = { next: 'a'.repeat(64), max: 20 };
  const told = text({ rounds, maxPrice: yen(1000), deadlineMs: 24 * 3_600_000 });
  assert.match(told, /^The first stage: 960 units/);
  assert.match(told, /not in these figures, so the job costs more than they say\./);
  assert.match(told, /taika quote JOB --whole\. This part alone takes about 16\.0 h;/);
  assert.match(told, /Time {4}at least 2\.0 h .*: the deadline of 24\.0 h may be missed/);
  assert.match(told, /Price of the first stage, tax included/);
  assert.match(told, /If all 20 rounds are computed .* these parts cost 507 JPY\./);
  assert.match(told, /Whether the whole job keeps within 1,000 JPY \(maxPrice\) is not known: it pauses/);
  assert.match(told, /before tax, the first stage: 96 JPY\./);
  assert.doesNotMatch(text({}), /rounds/);
  const two = { ...estimate, covers: 'first-stages', stages: 2 } as const;
  assert.match(
    quoteText(two, usual, quoteOf(two, { rates: usual, capacity, rented: yen(6), spec: {} })),
    /^The first 2 stages: 960 units[\s\S]*Price of the first 2 stages, tax included/,
  );
});

test('a merge that was tried on outputs of the sample is said to be', () => {
  const tried = { ...estimate, hasSampledMerge: true };
  const sources = { rates: usual, capacity, rented: yen(6), spec: {} };
  assert.match(
    quoteText(tried, usual, quoteOf(tried, sources)),
    /The merge program ran once for each level, on outputs of these units/,
  );
});
