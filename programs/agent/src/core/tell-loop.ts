import { tellConsents } from './consent.ts';
import type { DispatchCalls } from './dispatch-calls.ts';
import type { Host } from './host.ts';
import type { Pace } from './pace.ts';

export interface TellLoopOptions {
  readonly host: Host;
  readonly dispatch: DispatchCalls;
  readonly pace: Pace;
  readonly stopping: AbortSignal;
  /** Called after each attempt, with whether the dispatch server knows everything now. */
  readonly told: (isKnown: boolean) => Promise<void>;
}

/** Between attempts to bring the dispatch server up to date. */
const againMs = { least: 1000, most: 60_000 };

/** Keeps telling the dispatch server what the member chose until it knows; then rests until there is something new. */
export async function runTellLoop({ host, dispatch, pace, stopping, told }: TellLoopOptions): Promise<void> {
  for (let failures = 0; !stopping.aborted; ) {
    pace.begin();
    try {
      await tellConsents(host, dispatch, stopping);
      failures = 0;
      await told(true);
      await pace.rest(Number.POSITIVE_INFINITY);
    } catch (error) {
      if (stopping.aborted) return;
      host.log.warn({ err: error }, 'The dispatch server could not be told of the consents.');
      await told(false);
      await pace.rest(Math.min(againMs.most, againMs.least * 2 ** failures++));
    }
  }
}
