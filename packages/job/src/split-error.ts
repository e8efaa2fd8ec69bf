/** Why an input cannot be split as its job says. Codes are stable, sentences are not. */
export type SplitErrorCode =
  | 'no-unit'
  | 'too-many-units'
  | 'unit-too-large'
  | 'header-too-large'
  | 'quote-not-closed'
  | 'not-json-array'
  | 'not-an-archive'
  | 'file-named-twice'
  | 'not-parts'
  | 'split-program-failed'
  | 'sample-failed';

/** An input and a `split` that do not fit together. `message` is the sentence and the remedy. */
export class SplitError extends Error {
  readonly code: SplitErrorCode;
  readonly fault = 'customer';
  readonly retryable = false;
  /** What is wrong, one sentence. */
  readonly reason: string;
  /** What the customer can do, one sentence. */
  readonly remedy: string;

  constructor(code: SplitErrorCode, reason: string, remedy: string) {
    super(`${reason} ${remedy}`);
    this.name = 'SplitError';
    this.code = code;
    this.reason = reason;
    this.remedy = remedy;
  }
}
