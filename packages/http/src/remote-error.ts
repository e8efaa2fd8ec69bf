import { type ErrorEntry, errors } from '@taika/protocol/errors';

/** A call that failed: refused by the server, or never arrived. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  /** A code of @taika/protocol/errors; one that this version does not know is kept as it came. */
  readonly code: string;
  readonly fault: ErrorEntry['fault'] | (string & {});
  readonly retryable: boolean;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly detail: string | undefined;
  readonly remedy: string;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Everything that the server said. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(problem: Readonly<Record<string, unknown>>, facts: RemoteErrorFacts) {
    const code = text(problem.code) ?? (facts.status >= 500 ? 'unavailable' : 'bad-request');
    const known: ErrorEntry | undefined = Object.hasOwn(errors, code)
      ? errors[code as keyof typeof errors]
      : undefined;
    const detail = text(problem.detail);
    super(detail ?? text(problem.title) ?? known?.sentence ?? `The server answered ${facts.status}.`, {
      cause: facts.cause,
    });
    this.code = code;
    this.fault = text(problem.fault) ?? known?.fault ?? (facts.status >= 500 ? 'server' : 'caller');
    this.retryable = typeof problem.retryable === 'boolean' ? problem.retryable : (known?.retryable ?? false);
    this.status = facts.status;
    this.detail = detail;
    this.remedy = text(problem.remedy) ?? known?.remedy ?? '';
    this.requestId = text(problem.requestId);
    this.retryAfterMs = facts.retryAfterMs;
    this.problem = problem;
  }
}

/** What is known of a failed call beside the problem document. */
export interface RemoteErrorFacts {
  readonly status: number;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
