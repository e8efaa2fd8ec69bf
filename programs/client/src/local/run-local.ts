import type { PreparedJob } from '../job/prepared-job.ts';
import type { LocalProgress, LocalRunOptions } from './local-run.ts';
import { nodeHost } from './node-host.ts';
import { walkPhases } from './walk-phases.ts';

/**
 * Computes a job on this machine: units in the terminals' sandbox, what one phase gives to the next in a temporary file.
 * Throws `SplitError`, `AdmissionError`, `UnitFailed`, `MergeError` or `NextNotUnderstood`; the message says in which phase.
 */
export function runLocal(
  job: PreparedJob,
  options: LocalRunOptions,
): AsyncGenerator<Uint8Array, LocalProgress> {
  return walkPhases(job, options, nodeHost);
}
