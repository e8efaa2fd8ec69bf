import { mergeOutputs } from '@taika/job/merge';
import { usualFanIn } from '@taika/job/phases';
import { unitInput } from '@taika/job/unit-input';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { CompletedUnit } from '@taika/wasm/outcome';
import { emptySource } from '../job/empty-source.ts';
import { environmentOf, readUnit, splitPhase } from '../local/compute-phase.ts';
import type { LocalRun } from '../local/local-run.ts';
import { nodeHost } from '../local/node-host.ts';
import { UnitFailed } from '../local/unit-failed.ts';
import type { Range } from './estimate.ts';

/** What the levels of a merge by program take. */
export interface MergeEstimate {
  readonly units: number;
  /** Levels: one unit of each was computed. */
  readonly unitsSampled: number;
  readonly fuel: Range;
}

/**
 * Computes one unit of each level of a stage's merge by program, of outputs of the sample, which come again and again where
 * a group holds more, and takes all units of the level for its like: between half and twice of it. Undefined where a group
 * would be larger than is held here, or the program fails on one whose parts are the same: then nothing is known.
 */
export async function sampleMerge(
  run: LocalRun,
  { merge }: Pick<JobSpecText, 'merge'>,
  { stage, outputs, units, signal }: SampledOutputs,
): Promise<MergeEstimate | undefined> {
  if (merge.by !== 'program') return undefined;
  const fanIn = merge.fanIn ?? usualFanIn;
  let total = 0n;
  let unitsOfAll = 0;
  let levels = 0;
  let given: readonly Uint8Array[] = outputs;
  for (let parts = units; ; ) {
    const groups = Math.ceil(parts / fanIn);
    const group = Array.from({ length: Math.min(fanIn, parts) }, (_, at) => given[at % given.length]);
    const made = await mergeOne(run, group as Uint8Array[], { stage, parts, groups, signal });
    if (made === undefined) return undefined;
    total += made.fuel * BigInt(groups);
    unitsOfAll += groups;
    levels += 1;
    if (groups === 1) break;
    given = [made.output];
    parts = groups;
  }
  return {
    units: unitsOfAll,
    unitsSampled: levels,
    fuel: { low: total / 2n, likely: total, high: total * 2n },
  };
}

export interface SampledOutputs {
  /** From 0. */
  readonly stage: number;
  readonly outputs: readonly Uint8Array[];
  /** Units of the stage. */
  readonly units: number;
  readonly signal?: AbortSignal | undefined;
}

/** Of a group that is made of a sample; units may have more, and then only the job itself shows what its merge takes. */
export const groupBytesMax = 256 * 1024 ** 2;

/** One group of a level of so many `parts`, merged. */
async function mergeOne(
  run: LocalRun,
  group: readonly Uint8Array[],
  {
    stage,
    parts,
    groups,
    signal,
  }: {
    readonly stage: number;
    readonly parts: number;
    readonly groups: number;
    readonly signal: AbortSignal | undefined;
  },
) {
  if (group.reduce((sum, { length }) => sum + length, 0) > groupBytesMax) return undefined;
  async function* outputs() {
    yield* group;
  }
  const input = await nodeHost.keep(mergeOutputs({ by: 'parts' }, outputs(), { unitCount: group.length }));
  try {
    const phase = await run.open({ kind: 'merge', round: 0, stage, parts }, input, emptySource);
    const { places, frame } = await splitPhase(phase);
    const sandbox = await phase.openSandbox(environmentOf(phase, groups));
    const units = [{ index: 0, input: unitInput(frame, await readUnit(phase, places.at(0))) }];
    let made: CompletedUnit | undefined;
    for await (const { outcome } of sandbox.run(units, signal)) {
      signal?.throwIfAborted();
      // One that fails on parts that are the same may merge all the others, unless this machine is too small for it.
      if (outcome.kind === 'returned') throw new UnitFailed(0, outcome);
      if (outcome.kind === 'completed' && outcome.exitCode === 0) made = outcome;
    }
    return made;
  } finally {
    await input.close();
  }
}
