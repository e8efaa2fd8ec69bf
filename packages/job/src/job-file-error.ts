/** A job file that cannot be used: where, what was expected, and what to do. Lines and columns count from 1. */
export class JobFileError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Undefined where `what` says it. */
  readonly expected: string | undefined;

  constructor(place: { file: string; line: number; column: number }, what: string, expected?: string) {
    const wanted = expected === undefined ? '' : ` Expected ${expected}.`;
    super(`${place.file}:${place.line}:${place.column}: ${what}${wanted}`);
    this.name = 'JobFileError';
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
    this.expected = expected;
  }
}
