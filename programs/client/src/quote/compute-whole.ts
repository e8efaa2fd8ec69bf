import type { PreparedJob } from '../job/prepared-job.ts';
import { runLocal } from '../local/run-local.ts';
import { exactRange } from './estimate.ts';
import type { JobEstimate, SampleOptions } from './job-estimate.ts';

type WholeOptions = Omit<SampleOptions, 'samples'>;

/** Computes a job here to its end, so that what it takes is known exactly. Throws what `runLocal` throws. */
export async function computeWhole(job: PreparedJob, options: WholeOptions): Promise<JobEstimate> {
  return compute(job, options, Number.POSITIVE_INFINITY);
}

/** The same for a job of at most so many units over all its phases; undefined at the first phase that makes more. */
export async function computeSmall(
  job: PreparedJob,
  { samples, ...options }: SampleOptions,
): Promise<JobEstimate | undefined> {
  try {
    return await compute(job, options, samples);
  } catch (error) {
    if (error instanceof TooManyUnits) return undefined;
    throw error;
  }
}

async function compute(
  job: PreparedJob,
  { parallel, signal, onProgress }: WholeOptions,
  unitsMax: number,
): Promise<JobEstimate> {
  let last = { unitsDone: 0, unitsTotal: 0, fuel: 0n };
  let unitsBefore = 0;
  let outputBytes = 0n;
  const startedMs = performance.now();
  const merged = runLocal(job, {
    parallel,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (progress) => {
      const isNewPhase = progress.unitsDone === 0;
      if (isNewPhase) {
        unitsBefore += last.unitsTotal;
        if (unitsBefore + progress.unitsTotal > unitsMax) throw new TooManyUnits();
      }
      last = progress;
      onProgress?.(progress.unitsDone, progress.unitsTotal);
    },
  });
  for await (const chunk of merged) outputBytes += BigInt(chunk.length);
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    units: last.unitsTotal,
    unitsSampled: last.unitsTotal,
    inputBytes: job.input?.bytes ?? 0,
    fuel: exactRange(last.fuel),
    outputBytes: exactRange(outputBytes),
    fuelPerSecondHere: Number(last.fuel) / Math.max(seconds, 0.001),
    covers: 'all',
    stages: 1 + (job.spec.laterStages?.length ?? 0),
    hasSampledMerge: false,
  };
}

/** Leaves a run before a phase of too many units. */
class TooManyUnits extends Error {
  override readonly name = 'TooManyUnits';
}
