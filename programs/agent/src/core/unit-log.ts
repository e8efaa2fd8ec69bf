import type { UnitRun } from '@taika/runner/sandbox';
import type { StateStore } from './host.ts';

/** One run in the log of units (AGENT.md T2): what this machine computed, for whom, and what became of it. */
export interface LoggedRun {
  readonly at: string;
  readonly jobId: string;
  readonly description: string;
  readonly programHash: string;
  readonly assignmentId: string;
  readonly firstUnit: number;
  readonly units: readonly LoggedUnit[];
  /** Units of the run that went back, and why. */
  readonly returned?: { readonly units: number; readonly cause: string };
  readonly verdict: 'accepted' | 'already' | 'late' | 'refused';
  readonly detail?: string;
}

export interface LoggedUnit {
  readonly ms: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly fuel: string;
  readonly exitCode?: number;
  readonly trap?: string;
}

/** A unit's line in the log. */
export function loggedUnit({ outcome, durationMs }: UnitRun, bytesIn: number): LoggedUnit {
  const ms = Math.round(durationMs);
  if (outcome.kind === 'completed') {
    const { exitCode, output, fuel } = outcome;
    return {
      ms,
      bytesIn,
      bytesOut: output.length,
      fuel: String(fuel),
      ...(exitCode === 0 ? {} : { exitCode }),
    };
  }
  return {
    ms,
    bytesIn,
    bytesOut: 0,
    fuel: '0',
    ...(outcome.kind === 'trapped' ? { trap: outcome.trap } : {}),
  };
}

export function appendRun(store: StateStore, run: LoggedRun): Promise<void> {
  return store.appendLog(JSON.stringify(run));
}

/** The log, oldest first. A line that a crash cut off is left out. */
export async function* readRuns(store: StateStore): AsyncGenerator<LoggedRun> {
  for await (const line of store.readLog()) {
    const run = parseRun(line);
    if (run !== undefined) yield run;
  }
}

function parseRun(line: string): LoggedRun | undefined {
  try {
    return JSON.parse(line) as LoggedRun;
  } catch {
    return undefined;
  }
}
