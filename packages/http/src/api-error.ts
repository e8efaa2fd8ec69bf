import { type ErrorCode, errors } from '@taika/protocol/errors';

/** What an error may say beyond its code. */
export interface ApiErrorOptions extends ErrorOptions {
  /** Further members of the problem document, such as the state that was found. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Fields that did not fit. */
  readonly fields?: readonly { readonly path: string; readonly expected: string }[];
  /** Sent as `Retry-After`, in whole seconds rounded up. */
  readonly retryAfterMs?: number;
}

/** A request that cannot be served, by a code of the table in @taika/protocol/errors. Thrown by use cases; the server turns it into problem+json. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  /** What is wrong with this request in particular. Sent to the caller. */
  readonly detail: string | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly fields: ApiErrorOptions['fields'];
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, detail?: string, options: ApiErrorOptions = {}) {
    super(detail ?? errors[code].sentence, options);
    this.code = code;
    this.detail = detail;
    this.extra = options.extra ?? {};
    this.fields = options.fields;
    this.retryAfterMs = options.retryAfterMs;
  }
}
