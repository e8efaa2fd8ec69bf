import { apiKeyHash, parseApiKey } from '@taika/crypto/api-key';
import { requestSignatureScheme } from '@taika/crypto/signed-request';
import type { Access, Route } from '@taika/protocol/route';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.ts';
import { createRouter, type RouteHandler } from './declare-route.ts';

/** A request as far as it is needed to say who sends it. */
export interface IncomingRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly authorization: string | undefined;
  /** The body's bytes, where it is JSON. */
  readonly rawBody: Uint8Array | undefined;
}

/** Nobody has to say who they are. */
export interface PublicCaller {
  readonly kind: 'public';
}

/** Finds out who calls a route and whether the route admits them. */
export type Gatekeeper<Caller> = (
  route: Pick<Route, 'access'>,
  request: IncomingRequest,
) => Promise<Caller | PublicCaller>;

/** How a server finds out who calls: by a bearer's credential, or by the signature of the request. */
export interface Identify<Caller> {
  readonly byBearer: (credential: string) => Promise<Caller>;
  readonly bySignature: (request: IncomingRequest) => Promise<Caller>;
}

/**
 * The one place where `route.access` is enforced. First the proof is verified, then the party is compared: a wrong key is
 * `bad-key`, a right one at another's route is `forbidden`. Whose rows a party then sees is decided by each use case.
 */
export function createGatekeeper<Caller extends { readonly kind: string }>(
  identify: Identify<Caller>,
): Gatekeeper<Caller> {
  return async (route, request) => {
    if (route.access.some((access) => openAccess.has(access))) {
      return { kind: 'public' };
    }
    const caller = await identified(identify, request);
    if (!route.access.some((access) => access === caller.kind)) {
      throw new ApiError(
        'forbidden',
        `This route is for ${route.access.join(' and ')}, not for ${caller.kind}.`,
      );
    }
    return caller;
  };
}

/** These need no proof in the header; a signed URL carries its own in the query, which its route checks. */
const openAccess: ReadonlySet<Access> = new Set(['public', 'signed-url']);

function identified<Caller>({ byBearer, bySignature }: Identify<Caller>, request: IncomingRequest) {
  const [, scheme = '', credential = ''] = /^(\S+) +(\S+)$/.exec(request.authorization?.trim() ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case requestSignatureScheme.toLowerCase():
      return bySignature(request);
    case 'bearer':
      return byBearer(credential);
    default:
      throw new ApiError('unauthenticated');
  }
}

/** Reads an API key that was presented: for whom it was made, and its hash. Throws `bad-key` for what cannot be one of ours. */
export async function readApiKey(
  credential: string,
): Promise<{ readonly prefix: string; readonly hash: string }> {
  const parsed = parseApiKey(credential);
  if (parsed.kind !== 'key') {
    throw new ApiError(
      'bad-key',
      parsed.kind === 'mistyped'
        ? 'A symbol of this key is wrong or missing.'
        : 'This is no key of this server.',
    );
  }
  return { prefix: parsed.prefix, hash: await apiKeyHash(parsed.key) };
}

/** Creates the router that all slices declare their routes with: each is served only to whom its `access` names. */
export function createGuardedRouter<Caller>(
  app: FastifyInstance,
  gatekeeper: Gatekeeper<Caller>,
): <R extends Route>(route: R, handler: RouteHandler<R, Caller | PublicCaller>) => void {
  return createRouter<Caller | PublicCaller>(app, (request, route, rawBody) =>
    gatekeeper(route, {
      method: request.method,
      url: request.raw.url ?? '',
      authorization: request.headers.authorization,
      rawBody,
    }),
  );
}

/** The caller as one of a kind that the route admits. Throws when a route was declared with another `access` than its handler expects. */
export function callerOf<Caller extends { readonly kind: string }, Kind extends Caller['kind']>(
  kind: Kind,
  caller: Caller,
): Extract<Caller, { readonly kind: Kind }> {
  if (caller.kind !== kind) {
    throw new Error(`A route for ${kind} was called by ${caller.kind}.`);
  }
  return caller as Extract<Caller, { readonly kind: Kind }>;
}
