import { memorySource } from '../job/memory-source.ts';
import type { PreparedJob } from '../job/prepared-job.ts';
import type { LocalHost } from '../local/local-host.ts';
import type { LocalProgress, LocalRunOptions } from '../local/local-run.ts';
import { walkPhases } from '../local/walk-phases.ts';
import { workerSandboxes } from './worker-sandbox.ts';

export interface PageRunOptions extends Omit<LocalRunOptions, 'parallel'> {
  /** Starts a worker whose script is `@taika/client/browser-worker`; called once for each unit computed at a time. */
  readonly createWorker: () => Worker;
  /** Units computed at a time. Default: one a core. */
  readonly parallel?: number;
}

/**
 * Computes a job in a browser: units in dedicated workers, so that the page stays alive and a unit that takes too long, or
 * that was cancelled, can be ended; results between phases in blobs. Result and fuel are those of Node and of the grid.
 * Throws `SplitError`, `AdmissionError`, `UnitFailed`, `MergeError`, `NextNotUnderstood` or `PageJobError`.
 */
export function runLocal(
  job: PreparedJob,
  { createWorker, parallel = navigator.hardwareConcurrency, ...options }: PageRunOptions,
): AsyncGenerator<Uint8Array, LocalProgress> {
  return walkPhases(job, { ...options, parallel }, pageHost(createWorker));
}

function pageHost(createWorker: () => Worker): LocalHost {
  return {
    openSandbox: workerSandboxes(createWorker),
    async keep(merged) {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for await (const part of merged) parts.push(part as Uint8Array<ArrayBuffer>);
      return memorySource(new Blob(parts));
    },
    partOf: async (source, offset, length) => memorySource(await source.read(offset, length)),
  };
}
