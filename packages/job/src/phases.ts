import type { JobSpecText, MergeText } from '@taika/protocol/dispatch/jobs';
import type { Verdict } from './verdict.ts';

/**
 * What is split, computed and merged at a time: one stage of one round, one level of a merge by a program, or the `next`
 * program that reads what a round gave. A job without stages and rounds is one phase. The grid and `taika local` walk the same phases in the same order:
 *
 *   round 0: stage 0 → stage 1 → … → next ──next──► round 1: stage 0 → … → next ──done──► result
 *
 * Each phase's merged result is the input of the phase after it. After a stage whose merge is a program come the levels of
 * its tree: each merges `fanIn` outputs at a time, until one is left.
 */
export interface Phase {
  readonly kind: 'stage' | 'merge' | 'next';
  /** From 0; programs read it as TAIKA_ROUND. */
  readonly round: number;
  /** From 0; that of a `next` is the last stage's. */
  readonly stage: number;
  /** Of a level of a merge: outputs that it merges. */
  readonly parts?: number;
}

/** Where bytes are: a digest and a length. */
export type BlobRefText = NonNullable<JobSpecText['input']>;

/** The file under /job in which a `next` program finds what it kept for itself in the round before. */
export const stateFileName = 'state';

/** Whether a job has more than one phase. */
export function hasPhases({
  merge,
  laterStages,
  rounds,
}: Pick<JobSpecText, 'merge' | 'laterStages' | 'rounds'>): boolean {
  return laterStages !== undefined || rounds !== undefined || merge.by === 'program';
}

/** The phase that a job begins with. */
export const firstPhase: Phase = { kind: 'stage', round: 0, stage: 0 };

/** The phase after a stage or a level of a merge of `units` units; undefined when its merged result is the job's. */
export function phaseAfterStage(spec: JobSpecText, phase: Phase, units: number): Phase | undefined {
  const { laterStages, rounds } = spec;
  const { kind, round, stage } = phase;
  const isMerged = kind === 'stage' ? stageOf(spec, stage).merge.by !== 'program' : units === 1;
  if (!isMerged) {
    return { kind: 'merge', round, stage, parts: units };
  }
  if (stage < (laterStages ?? []).length) {
    return { kind: 'stage', round, stage: stage + 1 };
  }
  return rounds === undefined ? undefined : { kind: 'next', round, stage };
}

/** Whether a phase gives the job's result whatever it finds, so that its result can be streamed. */
export function isLastPhase(spec: JobSpecText, phase: Phase): boolean {
  const { kind, stage } = phase;
  return (
    kind === 'stage' &&
    stageOf(spec, stage).merge.by !== 'program' &&
    phaseAfterStage(spec, phase, 1) === undefined
  );
}

/** What follows a `next` program: another round, or the job's end with what it printed, or with what the round gave. */
export type AfterNext =
  | { readonly kind: 'round'; readonly phase: Phase }
  /** It asked for another round and printed no input for it, which the first stage cannot split. */
  | { readonly kind: 'no-input'; readonly round: number }
  | { readonly kind: 'printed' }
  /** `isCut`: the program asked for another round than the last that the job allows. */
  | { readonly kind: 'merged'; readonly isCut: boolean };

/** Decides by what the program said; `bodyBytes` came after its first line. */
export function afterNext(
  { rounds, split }: Pick<JobSpecText, 'rounds' | 'split'>,
  { round }: Phase,
  verdict: Verdict,
  bodyBytes: number,
): AfterNext {
  if (verdict.kind === 'done') {
    return bodyBytes > 0 ? { kind: 'printed' } : { kind: 'merged', isCut: false };
  }
  if (round + 1 >= (rounds?.max ?? 1)) {
    return { kind: 'merged', isCut: true };
  }
  // A whole input is one unit, also of nothing.
  return bodyBytes === 0 && split.by !== 'whole'
    ? { kind: 'no-input', round: round + 1 }
    : { kind: 'round', phase: { ...firstPhase, round: round + 1 } };
}

/** What a phase is given beside what the job says. */
export interface PhaseInput {
  readonly input: BlobRefText | undefined;
  /** What the `next` program kept; for a `next` phase. */
  readonly state?: BlobRefText | undefined;
}

/** A phase as a job of its own, with one program, one split and one merge: nothing that computes it need know of phases. */
export function phaseSpec(job: JobSpecText, phase: Phase, { input, state }: PhaseInput): JobSpecText {
  const { laterStages, rounds, input: _, args: __, ...shared } = job;
  const given = input === undefined ? shared : { ...shared, input };
  if (phase.kind === 'next') {
    if (rounds === undefined) {
      throw new Error('A job without rounds has no next program.');
    }
    return {
      ...given,
      program: rounds.next,
      split: { by: 'whole' },
      merge: { by: 'concat' },
      ...(rounds.args === undefined ? {} : { args: rounds.args }),
      files: [...(job.files ?? []), ...(state === undefined ? [] : [{ name: stateFileName, ...state }])],
    };
  }
  const { program, split, merge, args } = stageOf(job, phase.stage);
  if (phase.kind === 'merge') {
    return { ...given, ...mergeLevel(merge, phase.parts ?? 0) };
  }
  const merged: MergeText = merge.by === 'program' ? { by: 'parts' } : merge;
  return { ...given, program, split, merge: merged, ...(args === undefined ? {} : { args }) };
}

/** Outputs that a merge program is given at a time, where the job file does not say. */
export const usualFanIn = 16;

/** A level of a merge: its last one has one unit, whose output is the result as it is. */
function mergeLevel(merge: MergeText, parts: number): Pick<JobSpecText, 'program' | 'split' | 'merge'> {
  if (merge.by !== 'program') {
    throw new Error(`A merge by ${merge.by} has no levels.`);
  }
  const records = merge.fanIn ?? usualFanIn;
  return {
    program: merge.program,
    split: { by: 'parts', records },
    merge: { by: parts <= records ? 'concat' : 'parts' },
  };
}

/** What a job does in a stage, from 0. Throws where it has no such stage. */
export function stageOf(job: JobSpecText, stage: number) {
  const found = stage === 0 ? job : job.laterStages?.[stage - 1];
  if (found === undefined) {
    throw new Error(`The job has no stage ${stage}.`);
  }
  return found;
}

/** Where in the job a phase is, in a sentence for people, who count from 1; "" for a job of one phase. */
export function placeText(
  { laterStages, rounds }: Pick<JobSpecText, 'laterStages' | 'rounds'>,
  { kind, round, stage }: Phase,
): string {
  if (kind === 'next') {
    return `This was in rounds.next after round ${round + 1}.`;
  }
  const merging = kind === 'merge' ? ['the merge program'] : [];
  const places = [
    ...merging,
    ...(rounds === undefined ? [] : [`round ${round + 1}`]),
    ...(laterStages === undefined ? [] : [`stage ${stage + 1}`]),
  ];
  return places.length === 0 ? '' : `This was in ${places.join(', ')}.`;
}

/** All programs of a job, each once. */
export function programsOf({ program, split, merge, laterStages, rounds }: JobSpecText): string[] {
  return [
    ...new Set([
      program,
      ...helpersOf({ split, merge }),
      ...(laterStages ?? []).flatMap((stage) => [stage.program, ...helpersOf(stage)]),
      ...(rounds === undefined ? [] : [rounds.next]),
    ]),
  ];
}

/** Programs that split and merge. */
function helpersOf({ split, merge }: Pick<JobSpecText, 'split' | 'merge'>): string[] {
  return [split, merge].flatMap((way) => (way.by === 'program' ? [way.program] : []));
}
