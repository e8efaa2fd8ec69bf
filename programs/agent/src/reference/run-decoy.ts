import type { Host } from '../core/host.ts';
import { lyingSandbox } from './lying-sandbox.ts';
import { type ReferenceOptions, type RunningReference, startOwn } from './run-reference.ts';

export interface DecoyOptions extends ReferenceOptions {
  /** From the end of one work to the next question for some, in milliseconds. */
  readonly restMs: number;
}

/**
 * The contractor's own terminal that lies (docs/TRUST.md). It computes what it is given, as a member's does, and hands in
 * known wrong outputs. Now and then only, since each of its results is computed again.
 */
export function runDecoy(host: Host, { restMs, ...options }: DecoyOptions): RunningReference {
  const stop = new AbortController();
  let isResting = false;
  let resting: Promise<void> | undefined;
  const { running } = startOwn(
    { ...host, openSandbox: lyingSandbox(host.openSandbox) },
    {
      ...options,
      role: 'decoy',
      changed(work) {
        // What it holds is enough for this time.
        if (restMs > 0 && !isResting && work.view().runs.length > 0) {
          isResting = true;
          work.setMode('finishing');
        }
      },
      drained(work) {
        if (!isResting || resting !== undefined) return;
        resting = host.clock
          .sleep(restMs, stop.signal)
          .then(() => {
            isResting = false;
            work.setMode('computing');
          })
          // It was stopped meanwhile.
          .catch(() => {})
          .finally(() => {
            resting = undefined;
          });
      },
    },
  );
  return {
    ...running,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await resting;
      await running[Symbol.asyncDispose]();
    },
  };
}
