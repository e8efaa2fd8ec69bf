import { availableParallelism } from 'node:os';
import { CommandError } from '@taika/cli/command-error';
import { readMoney } from '@taika/cli/read-amounts';
import { findCurrencyRefusal } from '@taika/job/find-bound-refusal';
import { JobRefused } from '@taika/job/job-refusal';
import type { PreparedJob } from '../job/prepared-job.ts';
import { computeWhole } from '../quote/compute-whole.ts';
import type { JobEstimate } from '../quote/job-estimate.ts';
import { quoteOf } from '../quote/quote-of.ts';
import { sampleJob } from '../quote/sample-job.ts';
import { connect } from './connect.ts';
import { type PreparedJobOptions, preparedJob } from './prepared-job.ts';
import { createProgressView } from './progress-bar.ts';
import { type QuotePlan, quotePlanText, readQuotePlan } from './quote-plan.ts';
import { quoteText } from './quote-text.ts';

export interface QuoteOptions extends PreparedJobOptions {
  /** Units to compute here. */
  readonly samples?: number;
  /** Compute all of the job here. */
  readonly whole?: boolean;
  /** How long that may take, such as `10m`. */
  readonly atMost?: string;
  /** What an hour of a rented core costs, such as `6 JPY`. */
  readonly rented?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** An hour of one core on demand at a large cloud, in JPY; `--rented` says what one really pays. */
const rentedDefault = '6 JPY';

/** `taika quote`: what a job costs and how long it takes, from a few units computed here, or all of them. Submits nothing. */
export async function quote(jobFile: string, options: QuoteOptions): Promise<void> {
  const plan = readQuotePlan(options);
  await using grid = await connect();
  const [rates, capacity] = await Promise.all([grid.rates(), grid.capacity()]);
  const rented = readMoney(options.rented ?? rentedDefault, '--rented');
  await using job = await preparedJob(jobFile, options);
  const refusal = findCurrencyRefusal(job.spec, rates.price.currency);
  if (refusal !== undefined) throw new JobRefused(refusal);
  const planText = quotePlanText(plan, job.spec);
  if (planText !== undefined && !options.quiet) console.error(planText);
  const progress = createProgressView(options);
  const estimate = await estimateOf(job, plan, (done, total) =>
    progress.show({
      done,
      total,
      fuel: 0n,
      note: plan.kind === 'whole' ? 'the whole job, computed here' : 'a sample, computed here',
    }),
  ).finally(() => progress.end());
  const told = quoteOf(estimate, { rates, capacity, rented, spec: job.spec });
  if (options.json) console.log(JSON.stringify({ estimate, ...told }, bigintAsText));
  else console.log(quoteText(estimate, rates, told));
}

/** Throws `CommandError` where the whole job takes longer than it may. */
async function estimateOf(
  job: PreparedJob,
  plan: QuotePlan,
  onProgress: (done: number, total: number) => void,
): Promise<JobEstimate> {
  const parallel = availableParallelism();
  if (plan.kind === 'sample') return sampleJob(job, { parallel, samples: plan.samples, onProgress });
  const signal = plan.atMost && AbortSignal.timeout(plan.atMost.ms);
  try {
    return await computeWhole(job, { parallel, signal, onProgress });
  } catch (error) {
    if (plan.atMost === undefined || signal?.aborted !== true) throw error;
    throw new CommandError(`The job did not come to its end here within ${plan.atMost.text}.`, {
      code: 'unfinished',
      remedy: 'Raise --at-most, or leave --whole out: a few units then say what its first stages cost.',
      exitCode: 1,
    });
  }
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
