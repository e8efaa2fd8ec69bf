import { assertComputable } from '@taika/job/find-job-refusal';
import {
  afterNext,
  firstPhase,
  isLastPhase,
  type Phase,
  phaseAfterStage,
  placeText,
} from '@taika/job/phases';
import { noInputText, readVerdict, verdictBytesMax } from '@taika/job/verdict';
import type { PreparedJob } from '../job/prepared-job.ts';
import { KeptResults } from './kept-results.ts';
import type { LocalHost } from './local-host.ts';
import { type LocalProgress, LocalRun, type LocalRunOptions } from './local-run.ts';
import { NextNotUnderstood } from './next-not-understood.ts';

/**
 * Computes a job on one machine, with the same phases, splitter, fuel and merger as the grid, and yields the merged
 * result. Memory holds a window of units; where programs run and results wait is the host's.
 * Throws `JobRefused`, `SplitError`, `AdmissionError`, `UnitFailed`, `MergeError` or `NextNotUnderstood`; the message says in which phase.
 */
export async function* walkPhases(
  job: PreparedJob,
  options: LocalRunOptions,
  host: LocalHost,
): AsyncGenerator<Uint8Array, LocalProgress> {
  assertComputable(job.spec);
  await using run = new LocalRun(job, options, host);
  await using kept = new KeptResults(host);
  let phase: Phase = firstPhase;
  let { input } = job;
  for (;;) {
    const merged = run.compute(phase, input, kept.state);
    if (isLastPhase(job.spec, phase)) {
      yield* merged;
      return run.end();
    }
    const result = await kept.keep(merged);
    if (phase.kind !== 'next') {
      const following = phaseAfterStage(job.spec, phase, run.unitsOfPhase);
      if (following === undefined) {
        yield* result.open();
        return run.end();
      }
      phase = following;
      input = result;
      continue;
    }
    const verdict = readVerdict(await result.read(0, Math.min(verdictBytesMax, result.bytes)), result.bytes);
    if (verdict === undefined) throw new NextNotUnderstood(placeText(job.spec, phase));
    const stateEnd = verdict.lineBytes + verdict.stateBytes;
    const body = await host.partOf(result, stateEnd, result.bytes - stateEnd);
    const after = afterNext(job.spec, phase, verdict, body.bytes);
    if (after.kind === 'no-input')
      throw new NextNotUnderstood(placeText(job.spec, phase), noInputText(after.round));
    if (after.kind !== 'round') {
      yield* (after.kind === 'printed' ? body : input)?.open() ?? [];
      return run.end(after.kind === 'merged' && after.isCut);
    }
    await kept.beginRound(await host.partOf(result, verdict.lineBytes, verdict.stateBytes));
    phase = after.phase;
    input = body;
  }
}
