import type { ReturnCause } from '../results/return-cause.ts';

/** Why a reference executor cannot compute a copy; `too-large`: it lends less memory than the job's units may take. */
export type ReferenceLimit = ReturnCause | 'too-large';

/** Returns from which on the job and the operator are told: one may be chance. */
export const toldFrom = 3;

/** After the first return; doubled with each further one. */
export const retrySeconds = 10;
/** A machine that is mended without being started anew is tried within ten minutes. */
export const retrySecondsMax = 600;

/** Which limit it is, and what the contractor can do about it. */
export function describeLimit(cause: ReferenceLimit): { readonly sentence: string; readonly remedy: string } {
  return limits[cause];
}

const moreMemory = 'Start one with more memory: `taika reference run --memory MIB`.';
const readItsLog = 'Read its log on that machine, and start it anew.';

const limits = {
  'too-large': {
    sentence: 'The job’s units may take more memory than any reference executor that asked lends.',
    remedy: moreMemory,
  },
  'host-memory': { sentence: 'The reference executor’s machine ran out of memory.', remedy: moreMemory },
  'time-limit': {
    sentence: 'The unit took longer on the reference executor’s machine than limits.time of its job allows.',
    remedy: 'Run one on a faster machine, or with fewer cores at once: `taika reference run --cores N`.',
  },
  overdue: {
    sentence: 'The reference executor did not report it before its deadline.',
    remedy: 'Run one on a faster machine, and see that it is not stopped.',
  },
  'stack-exhausted': {
    sentence: 'The program’s recursion exhausted the stack on the reference executor’s machine.',
    remedy:
      'Run one on a machine of the kind that members have, and ask the customer to recurse less deeply.',
  },
  'runner-lost': { sentence: 'The process that runs programs was lost on its machine.', remedy: readItsLog },
  'input-damaged': {
    sentence: 'Its input or program did not arrive whole on its machine.',
    remedy: readItsLog,
  },
  refused: { sentence: 'What it reported did not fit what it was asked for.', remedy: readItsLog },
} as const satisfies Record<ReferenceLimit, { sentence: string; remedy: string }>;
