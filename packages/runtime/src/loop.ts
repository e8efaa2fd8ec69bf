import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import { type Random, systemRandom } from './random.ts';

/** What a step found: `again` when there is more to do at once, `idle` when it may wait; nothing means `idle`. */
export type StepOutcome = 'again' | 'idle';

/** A step that is repeated in the background until it is disposed. */
export interface Loop extends AsyncDisposable {
  /** Runs the step now instead of waiting; while it runs, once more afterwards. A failing step keeps its backoff. */
  kick(): void;
}

/** How `startLoop` behaves. */
export interface LoopOptions {
  /** Named in the log. */
  readonly name: string;
  /** Wait after an idle step. */
  readonly everyMs: number;
  /** One step; its signal aborts when the loop is disposed, and disposal waits for the step to end. */
  readonly step: (signal: AbortSignal) => Promise<StepOutcome> | Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Spreads the waits after failures. Default: the machine's own. */
  readonly random?: Random;
}

/** Starts a loop that never overlaps itself. A step that throws is logged with its causes and repeated with backoff, up to a minute apart. */
export function startLoop(options: LoopOptions): Loop {
  const { name, everyMs, step, clock, log, random = systemRandom } = options;
  const stop = new AbortController();
  let kicked = false;
  let wake: AbortController | undefined;

  const sleepUnlessKicked = async () => {
    if (kicked) {
      return;
    }
    wake = new AbortController();
    await sleepQuietly(clock, everyMs, AbortSignal.any([stop.signal, wake.signal]));
    wake = undefined;
  };

  const run = async () => {
    let failures = 0;
    while (!stop.signal.aborted) {
      kicked = false;
      try {
        const outcome = await step(stop.signal);
        failures = 0;
        if (outcome !== 'again') {
          await sleepUnlessKicked();
        }
      } catch (error) {
        if (stop.signal.aborted) {
          return;
        }
        const waitMs = failureFloorMs + backoffMs(failures, failureBackoff, random);
        failures += 1;
        log.error(
          { err: error, loop: name, failures, waitMs: Math.round(waitMs) },
          `The loop "${name}" failed and will try again.`,
        );
        await sleepQuietly(clock, waitMs, stop.signal);
      }
    }
  };

  const running = run();
  return {
    kick() {
      kicked = true;
      wake?.abort();
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error(`The loop "${name}" was stopped.`));
      await running;
    },
  };
}

/** A minute between attempts is rare enough for a broken database and soon enough for a mended one. */
const failureBackoff = { baseMs: 500, capMs: 60_000 };
/** Full jitter may be zero; this much keeps a step that fails at once from spinning. */
const failureFloorMs = 100;

async function sleepQuietly(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}
