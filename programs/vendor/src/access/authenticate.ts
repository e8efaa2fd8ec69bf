import { apiKeyHash, parseApiKey } from '@taika/crypto/api-key';
import { equalInConstantTime } from '@taika/crypto/digest';
import { parsePublicKey } from '@taika/crypto/keys';
import { requestSignatureScheme, verifyRequest } from '@taika/crypto/signed-request';
import { ApiError } from '@taika/http/api-error';
import type { Route } from '@taika/protocol/route';
import type { Caller, MemberCaller, VendorContext } from '../context.ts';
import { findServiceKey, findSigner, useSignedRequest } from './queries.ts';

/** A request as far as it is needed to say who sends it. */
export interface IncomingRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly authorization: string | undefined;
  /** The body's bytes, where it is JSON. */
  readonly rawBody: Uint8Array | undefined;
}

/** Finds out who calls a route and whether the route admits them. */
export type Gatekeeper = (route: Pick<Route, 'access'>, request: IncomingRequest) => Promise<Caller>;

/**
 * The one place where `route.access` is enforced. First the proof is verified, then the party is compared: a wrong key is
 * `bad-key`, a right one at another's route is `forbidden`. Whose rows a party then sees is decided by each use case.
 *
 *   operator   Bearer taika_operator_…    hash compared with the one of the key file
 *   service    Bearer taika_service_…     hash looked up; good for one product
 *   member     Taika-Signature JWS        by a terminal's key: `iss` its thumbprint, `aud` this vendor's id, over method,
 *                                         path, query and body; good for one use within a minute
 */
export function createGatekeeper(context: VendorContext, operatorKeyHash: string): Gatekeeper {
  return async (route, request) => {
    if (route.access.includes('public')) {
      return { kind: 'public' };
    }
    const caller = await identify(context, operatorKeyHash, request);
    if (!route.access.some((access) => access === caller.kind)) {
      throw new ApiError(
        'forbidden',
        `This route is for ${route.access.join(' and ')}, not for ${caller.kind}.`,
      );
    }
    return caller;
  };
}

function identify(
  context: VendorContext,
  operatorKeyHash: string,
  request: IncomingRequest,
): Promise<Caller> {
  const [, scheme = '', credential = ''] = /^(\S+) +(\S+)$/.exec(request.authorization?.trim() ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case requestSignatureScheme.toLowerCase():
      return identifyMember(context, request);
    case 'bearer':
      return identifyByKey(context, operatorKeyHash, credential);
    default:
      throw new ApiError('unauthenticated');
  }
}

async function identifyByKey(
  { sql }: VendorContext,
  operatorKeyHash: string,
  credential: string,
): Promise<Caller> {
  const parsed = parseApiKey(credential);
  if (parsed.kind !== 'key') {
    throw new ApiError(
      'bad-key',
      parsed.kind === 'mistyped'
        ? 'A symbol of this key is wrong or missing.'
        : 'This is no key of this server.',
    );
  }
  const hash = await apiKeyHash(parsed.key);
  if (parsed.prefix === 'operator' && equalInConstantTime(hash, operatorKeyHash)) {
    return { kind: 'operator' };
  }
  const service = parsed.prefix === 'service' ? await findServiceKey(sql, hash) : undefined;
  if (service === undefined) {
    throw new ApiError('bad-key');
  }
  return { kind: 'service', keyId: service.id, product: service.product };
}

async function identifyMember(
  { sql, clock, identity }: VendorContext,
  { method, url, authorization, rawBody }: IncomingRequest,
): Promise<Caller> {
  let member: MemberCaller | undefined;
  await verifyRequest({
    method,
    path: url,
    body: rawBody,
    authorization,
    audience: identity.vendorId,
    now: clock.now(),
    findKey: async (thumbprint) => {
      const signer = await findSigner(sql, thumbprint);
      if (signer === undefined) {
        throw new ApiError('terminal-unknown');
      }
      const terminalKey = parsePublicKey(signer.publicKey);
      member = { kind: 'member', memberId: signer.memberId, thumbprint, terminalKey };
      return terminalKey;
    },
    useOnce: (id, until) => useSignedRequest(sql, { id, until }),
  });
  if (member === undefined) {
    throw new ApiError('terminal-unknown');
  }
  return member;
}
