import { firstPhase, hasPhases, phaseAfterStage, stageOf } from '@taika/job/phases';
import { unitInput } from '@taika/job/unit-input';
import type { UnitInput } from '@taika/wasm/unit';
import { emptySource } from '../job/empty-source.ts';
import type { PreparedJob } from '../job/prepared-job.ts';
import {
  environmentOf,
  type LocalPhase,
  readUnit,
  type SplitPhase,
  splitPhase,
} from '../local/compute-phase.ts';
import { KeptResults } from '../local/kept-results.ts';
import { LocalRun } from '../local/local-run.ts';
import { nodeHost } from '../local/node-host.ts';
import { UnitFailed } from '../local/unit-failed.ts';
import { computeSmall } from './compute-whole.ts';
import { chooseUnits, estimateTotal, exactRange, type Range, type Sampled } from './estimate.ts';
import type { JobEstimate, SampleOptions } from './job-estimate.ts';
import { groupBytesMax, sampleMerge } from './sample-merge.ts';

/**
 * Computes a few units of a job here, in the terminals' sandbox, and says what all of it will take. What a later stage or
 * round reads is known when all before it is computed: stages of fewer units than `samples` are, the one after them is sampled, and where
 * the job does not end with that, the figures are of these stages. A job that has no more units than `samples`, over all its
 * phases, is computed whole. Throws `SplitError`, `AdmissionError`, `UnitFailed`, `MergeError`.
 */
export async function sampleJob(job: PreparedJob, options: SampleOptions): Promise<JobEstimate> {
  const whole = hasPhases(job.spec) ? await computeSmall(job, options) : undefined;
  return whole ?? sampleStages(job, options);
}

async function sampleStages(job: PreparedJob, options: SampleOptions): Promise<JobEstimate> {
  const { parallel, samples, signal } = options;
  const { spec } = job;
  let computed = { fuel: 0n };
  const onProgress = ({ fuel }: { readonly fuel: bigint }) => {
    computed = { fuel };
  };
  await using run = new LocalRun(job, { parallel, onProgress, ...(signal && { signal }) }, nodeHost);
  await using kept = new KeptResults(nodeHost);
  let phase = firstPhase;
  let { input } = job;
  let units = 0;
  let inputBytes = 0;
  let outputBytes = 0n;
  for (;;) {
    const opened = await run.open(phase, input, emptySource);
    const split = await splitPhase(opened);
    const { count } = split.places;
    const following = phaseAfterStage(spec, phase, count);
    // One unit at least is left for the stage that follows.
    if (following?.kind === 'stage' && units + count < samples) {
      units += count;
      inputBytes += input?.bytes ?? 0;
      input = await kept.keep(run.compute(phase, input, emptySource));
      outputBytes += BigInt(input.bytes);
      phase = following;
      continue;
    }
    const last = await sampleStage(opened, split, { ...options, samples: samples - units });
    const { merge } = stageOf(spec, phase.stage);
    const merged =
      last.outputs.length === 0
        ? undefined
        : await sampleMerge(
            run,
            { merge },
            { stage: phase.stage, outputs: last.outputs, units: count, signal },
          );
    const isAll =
      phase.stage === (spec.laterStages?.length ?? 0) &&
      spec.rounds === undefined &&
      (merge.by !== 'program' || merged !== undefined);
    return {
      units: units + count + (merged?.units ?? 0),
      unitsSampled: units + last.unitsSampled + (merged?.unitsSampled ?? 0),
      inputBytes: inputBytes + last.inputBytes,
      fuel: sumOf(exactRange(computed.fuel), last.fuel, merged?.fuel),
      outputBytes: sumOf(exactRange(outputBytes), last.outputBytes),
      fuelPerSecondHere: last.fuelPerSecondHere,
      covers: isAll ? 'all' : 'first-stages',
      stages: phase.stage + 1,
      hasSampledMerge: merged !== undefined,
    };
  }
}

/** A few units of one stage, extrapolated to all of them; `outputs` where a program merges them. */
async function sampleStage(
  phase: LocalPhase,
  { places, frame }: SplitPhase,
  { samples, signal, onProgress }: SampleOptions,
) {
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
    // What a merge by program reads: its stage gives parts.
    if (phase.spec.merge.by === 'parts' && keptBytes + output.length <= groupBytesMax) {
      kept.set(index, output);
      keptBytes += output.length;
    }
    onProgress?.(sampled.length, chosen.length);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const population = { units: places.count, inputBytes };
  const fuelSampled = sampled.reduce((sum, { fuel }) => sum + fuel, 0n);
  return {
    unitsSampled: sampled.length,
    inputBytes: inputBytes + places.count * (frame.header.length + frame.trailer.length),
    fuel: estimateTotal(sampled, population, 'fuel'),
    outputBytes: estimateTotal(sampled, population, 'outputBytes'),
    fuelPerSecondHere: Number(fuelSampled) / Math.max(seconds, 0.001),
    // In the order of the input: which unit ended first must not show in a quote.
    outputs: [...kept].sort(([left], [right]) => left - right).map(([, output]) => output),
  };
}

function sumOf(...ranges: readonly (Range | undefined)[]): Range {
  return ranges.reduce<Range>(
    (sum, range) =>
      range === undefined
        ? sum
        : {
            low: sum.low + range.low,
            likely: sum.likely + range.likely,
            high: sum.high + range.high,
          },
    exactRange(0n),
  );
}
