import type { Sandbox, UnitRun } from '@taika/runner/sandbox';
import type { UnitInput } from '@taika/wasm/unit';

/** What became of a run: the units from its beginning that are results, and why the rest is none. */
export interface RunEnd {
  readonly results: readonly UnitRun[];
  readonly restCause?: string;
}

export interface RunAssignmentOptions {
  readonly sandbox: Sandbox;
  readonly units: readonly UnitInput[];
  /** Called as each unit ends, in any order. */
  readonly onUnit: (run: UnitRun, ended: number) => void;
  /** Its reason, a word, becomes the rest's cause. */
  readonly signal: AbortSignal;
}

/**
 * Computes a run of consecutive units. Stops at the first unit that this machine could not finish, and when the signal
 * aborts: what is finished without a gap from the beginning is a result, the rest goes back.
 */
export async function runAssignment({
  sandbox,
  units,
  onUnit,
  signal,
}: RunAssignmentOptions): Promise<RunEnd> {
  const first = units[0]?.index ?? 0;
  const ended = new Map<number, UnitRun>();
  const giveUp = new AbortController();
  let restCause: string | undefined;
  for await (const run of sandbox.run(units, AbortSignal.any([signal, giveUp.signal]))) {
    if (run.outcome.kind === 'returned') {
      if (run.outcome.cause !== 'cancelled') restCause ??= run.outcome.cause;
      giveUp.abort();
      continue;
    }
    ended.set(run.index, run);
    onUnit(run, ended.size);
  }
  const results: UnitRun[] = [];
  for (let index = first; ; index++) {
    const run = ended.get(index);
    if (run === undefined) break;
    results.push(run);
  }
  if (results.length === units.length) return { results };
  return { results, restCause: signal.aborted ? causeOf(signal) : (restCause ?? 'runner-lost') };
}

function causeOf(signal: AbortSignal): string {
  return typeof signal.reason === 'string' ? signal.reason : 'stopped';
}
