import type { LicenseReason } from './license-reasons.ts';

/** Thrown by `requireActive`: the message is a sentence for the member, `remedy` says what to do. */
export class LicenseError extends Error {
  override readonly name = 'LicenseError';
  readonly code: string;
  readonly remedy: string;

  constructor({ code, sentence, remedy }: LicenseReason) {
    super(sentence);
    this.code = code;
    this.remedy = remedy;
  }
}

/** The other side of the link is not to be believed; `code` is one of license-reasons.ts. */
export class DistrustError extends Error {
  override readonly name = 'DistrustError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
