/** Why outputs cannot be merged as their job says. Codes are stable, sentences are not. */
export type MergeErrorCode =
  | 'header-differs'
  | 'header-too-large'
  | 'not-json-array'
  | 'sum-differs'
  | 'output-too-large'
  | 'too-many-files'
  | 'file-named-twice';

/** Outputs and a `merge` that do not fit together. `message` is the sentence and the remedy. */
export class MergeError extends Error {
  readonly code: MergeErrorCode;
  readonly fault = 'customer';
  readonly retryable = false;
  /** The unit whose output does not fit, from 0. */
  readonly unit: number;
  readonly reason: string;
  readonly remedy: string;

  constructor(code: MergeErrorCode, unit: number, reason: string, remedy: string) {
    super(`${reason} ${remedy}`);
    this.name = 'MergeError';
    this.code = code;
    this.unit = unit;
    this.reason = reason;
    this.remedy = remedy;
  }
}
