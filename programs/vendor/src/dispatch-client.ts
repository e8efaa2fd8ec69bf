import { signRequest } from '@taika/crypto/signed-request';
import { ApiError } from '@taika/http/api-error';
import { type Caller, createCaller, RemoteError } from '@taika/http/call';
import { type ErrorCode, errors } from '@taika/protocol/errors';
import { reason } from '@taika/protocol/reasons';
import type { ReasonText } from '@taika/protocol/schema';
import type { Clock } from '@taika/runtime/clock';
import type { Logger } from '@taika/runtime/logger';
import type { Random } from '@taika/runtime/random';
import type { Identity } from './identity.ts';

/** Calls the dispatch server; every request is signed with the vendor's key. */
export type DispatchClient = Caller;

/** Makes the client. Two attempts only: what stays undone is taken up again by a loop, and a member waits for the answer. */
export function createDispatchClient(options: {
  readonly dispatchUrl: string;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly random: Random;
}): DispatchClient {
  const { dispatchUrl, identity, clock, random } = options;
  return createCaller({
    baseUrl: dispatchUrl,
    authorize: async ({ method, path, body }) => ({
      authorization: await signRequest({
        method,
        path,
        body,
        issuer: identity.vendorId,
        key: identity.key.privateKey,
        now: clock.now(),
        random,
      }),
    }),
    clock,
    random,
    timeoutMs: 10_000,
    attemptsMax: 2,
    userAgent: 'taika-vendor',
  });
}

/**
 * Whether the dispatch server said no to this very thing, so that asking again gets the same answer. Only its own words count:
 * a problem document with a code that we know. Any other answer may come from a gateway when the server has done what was
 * asked, so what became of it is unknown and it is asked again under the same id. Nor is it a refusal that the vendor is not
 * known (401), for it may be enrolled any moment, or that the server is too old for the route.
 */
export function isRefusal(error: unknown): error is RemoteError {
  if (!(error instanceof RemoteError) || error.retryable) {
    return false;
  }
  const { code } = error.problem;
  return typeof code === 'string' && Object.hasOwn(errors, code) && isFinal(code as ErrorCode, error.status);
}

/** A body of ours under another status was made by somebody else. A call that never left (0) is our own refusal. */
function isFinal(code: ErrorCode, status: number): boolean {
  const known = errors[code];
  return (
    !known.retryable && known.status !== 401 && code !== 'no-such-route' && [0, known.status].includes(status)
  );
}

/** Why the dispatch server did not do it, for whoever waits. Throws what is no answer of the network at all: that is our mistake. */
export function reasonOfFailure(error: unknown): ReasonText {
  if (!(error instanceof RemoteError)) {
    throw error;
  }
  if (error.code === 'unreachable') {
    return reason('server-unreachable');
  }
  const { remedy = error.remedy } = (error.problem.reason ?? {}) as Partial<ReasonText>;
  return { code: error.code, sentence: `The dispatch server answered: ${error.message}`, remedy };
}

/** Why a step of a loop failed, whatever it was, so that the next one is done in any case. A mistake of ours is logged. */
export function reasonOfFailedStep({ log }: { readonly log: Logger }, error: unknown): ReasonText {
  if (error instanceof RemoteError) {
    return reasonOfFailure(error);
  }
  log.error({ err: error }, 'A step between the two servers failed here; it is tried again later.');
  const { sentence, remedy } = errors.internal;
  return { code: 'internal', sentence, remedy };
}

/** The same as an error of ours, for a request that cannot be served without the dispatch server. */
export function upstreamError(error: unknown): unknown {
  if (!(error instanceof RemoteError)) {
    return error;
  }
  const sentence =
    error.code === 'no-such-route'
      ? `The contractor’s server is older than this one: ${error.message} Ask the contractor to update it.`
      : `The dispatch server answered: ${error.message}`;
  return new ApiError(passedOn(error), sentence, { cause: error });
}

/** Refusals that are about the member are the caller's business; any other is between the two companies. */
function passedOn(error: RemoteError): ErrorCode {
  const codes: readonly ErrorCode[] = ['points-short', 'terminal-revoked', 'confirmation-refused'];
  return codes.find((code) => code === error.code && Object.hasOwn(errors, code)) ?? 'upstream-unreachable';
}
