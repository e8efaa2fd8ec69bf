import { errors } from '@taika/protocol/errors';

/** Why a job cannot be computed by anybody, found before anything was computed or sent. */
export interface JobRefusal {
  /** Where in the specification: `['limits', 'memoryMiB']`. */
  readonly path: readonly string[];
  /** What is wrong and what is possible, one sentence that begins with the field's name in a job file. */
  readonly sentence: string;
}

/** Thrown by whoever is given a job that is refused; the same sentence as the server’s. */
export class JobRefused extends Error {
  override readonly name = 'JobRefused';
  readonly code = 'job-refused';
  readonly fault = errors['job-refused'].fault;
  readonly retryable = false;
  readonly remedy = errors['job-refused'].remedy;
  /** Where in the specification, such as `limits.memoryMiB`. */
  readonly field: string;

  constructor({ path, sentence }: JobRefusal) {
    super(sentence);
    this.field = path.join('.');
  }
}

/** A refusal of what lies at `path`; `what` is a clause without its full stop. */
export function refuse(path: readonly string[], what: string, isStaged = false): JobRefusal {
  return { path, sentence: `${pathInFile(path, isStaged).join('.')}: ${what}.` };
}

/** Where a job file says it; the first of several stages is the specification’s own. */
export function pathInFile(path: readonly string[], isStaged: boolean): string[] {
  const [first = '', second, ...rest] = path;
  if (first === 'laterStages') return ['stages', String(Number(second) + 1), ...rest];
  const isOfStage = isStaged && ['program', 'split', 'merge', 'args'].includes(first);
  const field = second === undefined ? [] : [first === 'limits' ? (limitNames[second] ?? second) : second];
  return [
    ...(isOfStage ? ['stages', '0'] : []),
    first === 'deadlineMs' ? 'deadline' : first,
    ...field,
    ...rest,
  ];
}

const limitNames: Readonly<Record<string, string>> = {
  memoryMiB: 'memory',
  outputBytes: 'output',
  timeMs: 'time',
};
