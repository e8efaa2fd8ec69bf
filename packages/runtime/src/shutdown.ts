import { constants } from 'node:os';

/**
 * Starts a program and keeps it until SIGINT, SIGTERM or SIGHUP, then disposes it gracefully and exits 0. A program
 * whose parent gave it an IPC channel also stops when the parent is gone, so that a killed parent leaves no orphans.
 * A second signal ends the process at once with 128 + its number. A failing start or disposal prints its causes and exits 1.
 * The signal given to `start` aborts when a stop is asked for while starting.
 */
export async function runUntilSignal(
  start: (signal: AbortSignal) => Promise<AsyncDisposable>,
): Promise<never> {
  const stop = new AbortController();
  let firstAtMs: number | undefined;
  const asked = new Promise<void>((resolve) => {
    for (const name of stopSignals) {
      process.on(name, () => {
        const nowMs = performance.now();
        if (firstAtMs === undefined) {
          firstAtMs = nowMs;
          stop.abort(new Error(`Stopped by ${name}.`));
          resolve();
        } else if (nowMs - firstAtMs > repeatMs) {
          process.exit(128 + (constants.signals[name] ?? 0));
        }
      });
    }
    if (process.connected) {
      process.once('disconnect', () => {
        stop.abort(new Error('Stopped: the program that started this one is gone.'));
        resolve();
      });
    }
  });
  // A program whose only work is to wait must not end because nothing else holds the event loop.
  const alive = setInterval(() => {}, 2 ** 30);
  process.exit(await runUntil(asked, start, stop.signal).finally(() => clearInterval(alive)));
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes a Ctrl-C on to a child that the terminal has signalled already; that echo is not a second wish. */
const repeatMs = 500;

async function runUntil(
  asked: Promise<void>,
  start: (signal: AbortSignal) => Promise<AsyncDisposable>,
  signal: AbortSignal,
): Promise<number> {
  try {
    const program = await start(signal);
    await asked;
    await program[Symbol.asyncDispose]();
    return 0;
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      return 0;
    }
    console.error(isForOperator(error) ? error.message : error);
    return 1;
  }
}

/** An error whose message is a sentence that says what to do: where it was thrown helps nobody. */
function isForOperator(error: unknown): error is Error {
  return error instanceof Error && 'forOperator' in error && error.forOperator === true;
}
