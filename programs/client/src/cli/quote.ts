import { availableParallelism } from 'node:os';
import { readMoney } from '@taika/cli/read-amounts';
import { findCurrencyRefusal } from '@taika/job/find-bound-refusal';
import { JobRefused } from '@taika/job/job-refusal';
import { quoteOf } from '../quote/quote-of.ts';
import { sampleJob } from '../quote/sample-job.ts';
import { connect } from './connect.ts';
import { type PreparedJobOptions, preparedJob } from './prepared-job.ts';
import { createProgressView } from './progress-bar.ts';
import { quoteText } from './quote-text.ts';

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
  const rented = readMoney(options.rented ?? rentedDefault, '--rented');
  await using job = await preparedJob(jobFile, options);
  const refusal = findCurrencyRefusal(job.spec, rates.price.currency);
  if (refusal !== undefined) throw new JobRefused(refusal);
  const progress = createProgressView(options);
  const estimate = await sampleJob(job, {
    parallel: availableParallelism(),
    samples: options.samples ?? samplesDefault,
    onProgress: (done, total) => progress.show({ done, total, fuel: 0n, note: 'a sample, computed here' }),
  }).finally(() => progress.end());
  const told = quoteOf(estimate, { rates, capacity, rented, spec: job.spec });
  if (options.json) console.log(JSON.stringify({ estimate, ...told }, bigintAsText));
  else console.log(quoteText(estimate, rates, told));
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
