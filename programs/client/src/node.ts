/** `@taika/client/node`: what needs files and processes: job files, and jobs computed on this machine. */
export { prepareJob } from './job/prepare-job.ts';
export { runLocal } from './local/run-local.ts';
export { UnitFailed } from './local/unit-failed.ts';
