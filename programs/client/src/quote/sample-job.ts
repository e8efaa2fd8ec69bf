import { firstPhase, hasPhases } from '@taika/job/phases';
import { unitInput } from '@taika/job/unit-input';
import type { UnitInput } from '@taika/wasm/unit';
import { emptySource } from '../job/empty-source.ts';
import type { PreparedJob } from '../job/prepared-job.ts';
import { environmentOf, readUnit, splitPhase } from '../local/compute-phase.ts';
import { LocalRun } from '../local/local-run.ts';
import { nodeHost } from '../local/node-host.ts';
import { runLocal } from '../local/run-local.ts';
import { UnitFailed } from '../local/unit-failed.ts';
import { chooseUnits, estimateTotal, exactRange, type Range, type Sampled } from './estimate.ts';

/** What a job will take, as far as this machine found out. */
export interface JobEstimate {
  readonly units: number;
  readonly unitsSampled: number;
  /** What programs read: a header, or what else frames a unit, counts with each unit that reads it. */
  readonly inputBytes: number;
  readonly fuel: Range;
  /** Of the outputs before they are merged. */
  readonly outputBytes: Range;
  /** What this machine did with all its cores. */
  readonly fuelPerSecondHere: number;
}

export interface SampleOptions {
  readonly parallel: number;
  /** Units to compute. */
  readonly samples: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Computes a few units of a job here, in the terminals' sandbox, and says what all of it will take. A job with stages or
 * rounds is computed whole, because what a later phase reads is known when the one before it is done. Throws
 * `SplitError`, `AdmissionError`, `UnitFailed`.
 */
export function sampleJob(job: PreparedJob, options: SampleOptions): Promise<JobEstimate> {
  return hasPhases(job.spec) ? computeWhole(job, options) : sampleUnits(job, options);
}

async function sampleUnits(job: PreparedJob, options: SampleOptions): Promise<JobEstimate> {
  const { parallel, samples, signal, onProgress } = options;
  await using run = new LocalRun(job, { parallel, ...(signal === undefined ? {} : { signal }) }, nodeHost);
  const phase = await run.open(firstPhase, job.input, emptySource);
  const { places, frame } = await splitPhase(phase);
  const chosen = chooseUnits(places.count, samples);
  let inputBytes = 0;
  for (let at = 0; at < places.count; at++) inputBytes += places.at(at).length;
  const lengths = new Map<number, number>();
  async function* inputs(): AsyncGenerator<UnitInput> {
    for (const index of chosen) {
      const bytes = await readUnit(phase, places.at(index));
      lengths.set(index, places.at(index).length);
      yield { index, input: unitInput(frame, bytes) };
    }
  }
  const sandbox = await phase.openSandbox(environmentOf(phase, places.count));
  const sampled: Sampled[] = [];
  const startedMs = performance.now();
  for await (const { index, outcome } of sandbox.run(inputs(), signal)) {
    signal?.throwIfAborted();
    if (outcome.kind !== 'completed' || outcome.exitCode !== 0) throw new UnitFailed(index, outcome);
    const { fuel, output } = outcome;
    sampled.push({ fuel, inputBytes: lengths.get(index) ?? 0, outputBytes: output.length });
    onProgress?.(sampled.length, chosen.length);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const population = { units: places.count, inputBytes };
  const fuelSampled = sampled.reduce((sum, { fuel }) => sum + fuel, 0n);
  return {
    units: places.count,
    inputBytes: inputBytes + places.count * (frame.header.length + frame.trailer.length),
    unitsSampled: sampled.length,
    fuel: estimateTotal(sampled, population, 'fuel'),
    outputBytes: estimateTotal(sampled, population, 'outputBytes'),
    fuelPerSecondHere: Number(fuelSampled) / Math.max(seconds, 0.001),
  };
}

async function computeWhole(job: PreparedJob, options: SampleOptions): Promise<JobEstimate> {
  const { parallel, signal, onProgress } = options;
  let last = { unitsDone: 0, unitsTotal: 0, fuel: 0n };
  let outputBytes = 0n;
  const startedMs = performance.now();
  const merged = runLocal(job, {
    parallel,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (progress) => {
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
  };
}
