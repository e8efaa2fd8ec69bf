import { availableParallelism } from 'node:os';
import { factorText, fuelText, moneyText } from '@taika/cli/amounts';
import { readMoney } from '@taika/cli/read-amounts';
import { table } from '@taika/cli/table';
import type { CapacityText } from '@taika/protocol/dispatch/capacity';
import type { RateCardText } from '@taika/protocol/dispatch/parties';
import type { MoneyText } from '@taika/protocol/schema';
import type { WantedTrust } from '@taika/protocol/trust-prices';
import type { Range } from '../quote/estimate.ts';
import { priceLevels, priceOfRented, secondsAtCapacity } from '../quote/price-quote.ts';
import { type JobEstimate, sampleJob } from '../quote/sample-job.ts';
import { connect } from './connect.ts';
import { spanText } from './pace.ts';
import { type PreparedJobOptions, preparedJob } from './prepared-job.ts';
import { createProgressView } from './progress-bar.ts';

export interface QuoteOptions extends PreparedJobOptions {
  /** Units to compute here. */
  readonly samples?: number;
  /** What an hour of a rented core costs, such as `6 JPY`. */
  readonly rented?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Enough for a narrow range where units are alike, few enough to take minutes where a unit takes one. */
const samplesDefault = 12;
/** An hour of one core on demand at a large cloud, in JPY; `--rented` says what one really pays. */
const rentedDefault = '6 JPY';

/** `taika quote`: what a job costs and how long it takes, from a few units computed here. Submits nothing. */
export async function quote(jobFile: string, options: QuoteOptions): Promise<void> {
  await using grid = await connect();
  const [rates, capacity] = await Promise.all([grid.rates(), grid.capacity()]);
  await using job = await preparedJob(jobFile, options);
  const progress = createProgressView(options);
  const estimate = await sampleJob(job, {
    parallel: availableParallelism(),
    samples: options.samples ?? samplesDefault,
    onProgress: (done, total) => progress.show({ done, total, fuel: 0n, note: 'a sample, computed here' }),
  }).finally(() => progress.end());
  const rented = readMoney(options.rented ?? rentedDefault, '--rented');
  const told = quoteOf(estimate, { rates, capacity, rented, spec: job.spec });
  if (options.json) console.log(JSON.stringify({ estimate, ...told }, bigintAsText));
  else console.log(quoteText(estimate, rates, capacity, told));
}

/** All that a quote says, as values. */
export function quoteOf(
  { fuel }: Pick<JobEstimate, 'fuel'>,
  {
    rates,
    capacity,
    rented,
    spec,
  }: {
    readonly rates: RateCardText;
    readonly capacity: CapacityText;
    readonly rented: MoneyText;
    readonly spec: WantedTrust;
  },
) {
  const { currency } = rates.price;
  const referenceFuelPerSecond = BigInt(rates.referenceFuelPerSecond);
  const corePerHourMilli = BigInt(rented.amountMilli);
  const money = (range: Range) => ({
    low: { currency, amountMilli: String(range.low) },
    likely: { currency, amountMilli: String(range.likely) },
    high: { currency, amountMilli: String(range.high) },
  });
  const levels = priceLevels(
    fuel,
    {
      perFuel: BigInt(rates.perFuel),
      priceMilli: BigInt(rates.price.amountMilli),
      taxBasisPoints: rates.taxBasisPoints,
      referenceFuelPerSecond,
      levelFactors: rates.levelFactors,
    },
    spec,
  );
  return {
    prices: levels.map(({ total, ...level }) => ({ ...level, ...money(total) })),
    seconds: secondsAtCapacity(fuel, capacity),
    capacity,
    rented:
      rented.currency === currency
        ? { corePerHour: rented, ...money(priceOfRented(fuel, { corePerHourMilli, referenceFuelPerSecond })) }
        : undefined,
  };
}

function quoteText(
  { units, unitsSampled, fuel, inputBytes, outputBytes }: JobEstimate,
  { price, perFuel }: RateCardText,
  capacity: CapacityText,
  { prices, seconds, rented }: ReturnType<typeof quoteOf>,
): string {
  const isExact = fuel.low === fuel.high;
  const lines = [
    `${units} units, ${isExact ? 'all' : unitsSampled} of them computed here.`,
    `Fuel    ${rangeText(fuel, fuelText)}, at ${moneyText(price)} for ${fuelText(perFuel)}`,
    `Bytes   ${inputBytes} in, ${rangeText(outputBytes, String)} out`,
    `Time    ${seconds === undefined ? 'no terminal is asking for work now' : `${rangeText(seconds, (value) => spanText(Number(value)))} with ${capacity.terminals} terminals, ${capacity.cores} cores`}`,
    '',
    'Price, tax included, by trust level (* is what the job file says):',
    table(prices, [
      { heading: 'trust', text: ({ level, isOwn }) => `${level}${isOwn ? ' *' : ''}` },
      { heading: 'factor', text: ({ factorThousandths }) => factorText(factorThousandths), right: true },
      { heading: 'from', text: ({ low }) => moneyText(low), right: true },
      { heading: 'likely', text: ({ likely }) => moneyText(likely), right: true },
      { heading: 'to', text: ({ high }) => moneyText(high), right: true },
    ]),
  ];
  if (rented !== undefined)
    lines.push(
      '',
      `On rented machines at ${moneyText(rented.corePerHour)} a core-hour, before tax: ${moneyText(rented.low)} to ${moneyText(rented.high)}. Your own price: --rented "4.5 JPY"`,
    );
  return lines.join('\n');
}

function rangeText(range: Range, text: (value: bigint) => string): string {
  const [low, high] = [text(range.low), text(range.high)];
  return low === high ? low : `${low} to ${high}`;
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
