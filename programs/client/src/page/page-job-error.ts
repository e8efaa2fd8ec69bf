/** Why a page cannot prepare or compute a job. Codes are stable, sentences are not. */
export type PageJobErrorCode =
  /** What was given is neither bytes nor a `Blob`: a path, a directory. */
  | 'not-bytes'
  /** The job names a program that it was not given. */
  | 'program-missing'
  /** The worker did not start, or broke. */
  | 'worker-failed';

/** A job that cannot be prepared or computed in a page. */
export class PageJobError extends Error {
  override readonly name = 'PageJobError';
  readonly code: PageJobErrorCode;
  readonly fault = 'caller';
  readonly retryable = false;
  readonly remedy: string;

  constructor(code: PageJobErrorCode, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}
