import { firstPhase, hasPhases } from '@taika/job/phases';
import { unitInput } from '@taika/job/unit-input';
import type { UnitInput } from '@taika/wasm/unit';
import { emptySource } from '../job/empty-source.ts';
import type { PreparedJob } from '../job/prepared-job.ts';
import { environmentOf, readUnit, splitPhase } from '../local/compute-phase.ts';
import { LocalRun } from '../local/local-run.ts';
import { nodeHost } from '../local/node-host.ts';
import { UnitFailed } from '../local/unit-failed.ts';
import { computeSmall } from './compute-whole.ts';
import { chooseUnits, estimateTotal, type Range, type Sampled } from './estimate.ts';
import type { JobEstimate, SampleOptions } from './job-estimate.ts';
import { groupBytesMax, sampleMerge } from './sample-merge.ts';

/**
 * Computes a few units of a job here, in the terminals' sandbox, and says what all of it will take; of a job with stages or
 * rounds, what its first stage will take, because what a later phase reads is known when the one before it is done. A job that
 * has no more units than `samples`, over all its phases, is computed whole. Throws `SplitError`, `AdmissionError`, `UnitFailed`.
 */
export async function sampleJob(job: PreparedJob, options: SampleOptions): Promise<JobEstimate> {
  const whole = hasPhases(job.spec) ? await computeSmall(job, options) : undefined;
  return whole ?? sampleFirstStage(job, options);
}

async function sampleFirstStage(job: PreparedJob, options: SampleOptions): Promise<JobEstimate> {
  const { parallel, samples, signal, onProgress } = options;
  const { spec } = job;
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
  const kept = new Map<number, Uint8Array>();
  let keptBytes = 0;
  const startedMs = performance.now();
  for await (const { index, outcome } of sandbox.run(inputs(), signal)) {
    signal?.throwIfAborted();
    if (outcome.kind !== 'completed' || outcome.exitCode !== 0) throw new UnitFailed(index, outcome);
    const { fuel, output } = outcome;
    sampled.push({ fuel, inputBytes: lengths.get(index) ?? 0, outputBytes: output.length });
    if (spec.merge.by === 'program' && keptBytes + output.length <= groupBytesMax) {
      kept.set(index, output);
      keptBytes += output.length;
    }
    onProgress?.(sampled.length, chosen.length);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const population = { units: places.count, inputBytes };
  const fuelSampled = sampled.reduce((sum, { fuel }) => sum + fuel, 0n);
  // In the order of the input: which unit ended first must not show in a quote.
  const outputs = [...kept].sort(([left], [right]) => left - right).map(([, output]) => output);
  const merged =
    outputs.length === 0 ? undefined : await sampleMerge(run, spec, { outputs, units: places.count, signal });
  const isAll =
    spec.laterStages === undefined &&
    spec.rounds === undefined &&
    (spec.merge.by !== 'program' || merged !== undefined);
  return {
    units: places.count + (merged?.units ?? 0),
    inputBytes: inputBytes + places.count * (frame.header.length + frame.trailer.length),
    unitsSampled: sampled.length + (merged?.unitsSampled ?? 0),
    fuel: sumOf(estimateTotal(sampled, population, 'fuel'), merged?.fuel),
    outputBytes: estimateTotal(sampled, population, 'outputBytes'),
    fuelPerSecondHere: Number(fuelSampled) / Math.max(seconds, 0.001),
    covers: isAll ? 'all' : 'first-stage',
    hasSampledMerge: merged !== undefined,
  };
}

function sumOf(one: Range, other: Range | undefined): Range {
  if (other === undefined) return one;
  return {
    low: one.low + other.low,
    likely: one.likely + other.likely,
    high: one.high + other.high,
  };
}
