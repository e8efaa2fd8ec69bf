import { TokenError, type TokenErrorReason } from '@taika/crypto/token-error';
import { type ErrorCode, errors } from '@taika/protocol/errors';
import type { ProblemText } from '@taika/protocol/problem';
import { ApiError } from './api-error.ts';

/** The problem document (RFC 9457) of an error. */
export function problemOf(error: ApiError, requestId: string): ProblemText & Record<string, unknown> {
  const { status, sentence, fault, retryable, remedy } = errors[error.code];
  return {
    ...error.extra,
    type: `https://taika.invalid/errors/${error.code}`,
    title: sentence,
    status,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    code: error.code,
    fault,
    retryable,
    remedy,
    requestId,
    ...(error.fields === undefined ? {} : { fields: [...error.fields] }),
  };
}

/** What the caller is told of anything that was thrown. An error that is nobody's doing but ours says nothing of itself. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) {
    return error;
  }
  if (error instanceof TokenError) {
    return new ApiError(tokenErrorCodes[error.reason] ?? 'bad-signature', error.message, { cause: error });
  }
  const code = codeOf(error);
  if (code?.startsWith('FST_')) {
    return frameworkError(code, error);
  }
  const known = code === undefined ? undefined : environmentCode(code);
  return new ApiError(known ?? 'internal', undefined, { cause: error });
}

const tokenErrorCodes: Partial<Record<TokenErrorReason, ErrorCode>> = {
  missing: 'unauthenticated',
  replayed: 'replayed-request',
  'unknown-key': 'bad-key',
  expired: 'session-expired',
};

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function frameworkError(code: string, error: unknown): ApiError {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError('too-large', 'The body is larger than this route takes.', { cause: error });
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new ApiError('bad-json', undefined, { cause: error });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError('bad-request', 'The body must be sent as application/json.', { cause: error });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ApiError('bad-request', 'The body is not as long as Content-Length says.', { cause: error });
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ApiError('bad-request', 'A part of the path is longer than any name here.', {
        cause: error,
      });
    case 'FST_ERR_BAD_URL':
      return new ApiError('no-such-route', 'The path cannot be read.', { cause: error });
    default:
      return new ApiError('internal', undefined, { cause: error });
  }
}

/**
 * Failures of what we stand on: a full disk (53100, ENOSPC), a database that is away (08, 57P, 53300, the driver's
 * CONNECTION_…); and class 22, a value from a request that the database cannot hold.
 */
function environmentCode(code: string): ErrorCode | undefined {
  if (code === '53100' || code === 'ENOSPC') {
    return 'disk-full';
  }
  if (/^22[0-9A-Z]{3}$/.test(code)) {
    return 'bad-request';
  }
  if (/^(?:08...|57P0[123]|53300|CONNECTION_\w+|CONNECT_TIMEOUT|ECONNREFUSED)$/.test(code)) {
    return 'unavailable';
  }
  return undefined;
}
