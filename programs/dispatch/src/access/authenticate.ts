import { apiKeyHash, parseApiKey } from '@taika/crypto/api-key';
import { equalInConstantTime } from '@taika/crypto/digest';
import { requestSignatureScheme, verifyRequest } from '@taika/crypto/signed-request';
import { ApiError } from '@taika/http/api-error';
import type { Access, Route } from '@taika/protocol/route';
import { isUuid } from '@taika/runtime/identifiers';
import type { Caller, DispatchContext } from '../context.ts';
import { findCustomerByKey } from '../customers/queries.ts';
import { findVendor } from '../vendors/queries.ts';
import { useSignedRequest } from './queries.ts';
import { createSessionOpener, type SessionOpener, sessionPrefix } from './session.ts';

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
 *   operator   Bearer taika_operator_…    hash compared with the one in the database
 *   customer   Bearer taika_customer_…    hash looked up
 *   vendor     Taika-Signature JWS        over method, path, query and body; good for one use within a minute
 *   terminal   Bearer taika_session_…     HMAC and the standing in memory: no query
 */
export function createGatekeeper(context: DispatchContext, operatorKeyHash: string): Gatekeeper {
  const proofs: Proofs = { operatorKeyHash, openSession: createSessionOpener(context.secrets.session) };
  return async (route, request) => {
    if (route.access.some((access) => openAccess.has(access))) {
      return { kind: 'public' };
    }
    const caller = await identify(context, proofs, request);
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

/** What proofs are compared with, beside the database. */
interface Proofs {
  readonly operatorKeyHash: string;
  readonly openSession: SessionOpener;
}

function identify(context: DispatchContext, proofs: Proofs, request: IncomingRequest): Promise<Caller> {
  const [, scheme = '', credential = ''] = /^(\S+) +(\S+)$/.exec(request.authorization?.trim() ?? '') ?? [];
  if (scheme.toLowerCase() === requestSignatureScheme.toLowerCase()) {
    return identifyVendor(context, request);
  }
  if (scheme.toLowerCase() !== 'bearer') {
    throw new ApiError('unauthenticated');
  }
  return credential.startsWith(sessionPrefix)
    ? identifyTerminal(context, proofs, credential)
    : identifyByKey(context, proofs, credential);
}

async function identifyByKey(
  { sql }: DispatchContext,
  { operatorKeyHash }: Proofs,
  credential: string,
): Promise<Caller> {
  const parsed = parseApiKey(credential);
  if (parsed.kind === 'mistyped') {
    throw new ApiError('bad-key', 'A symbol of this key is wrong or missing.');
  }
  if (parsed.kind === 'malformed') {
    throw new ApiError('bad-key', 'This is no key of this server.');
  }
  const hash = await apiKeyHash(parsed.key);
  if (parsed.prefix === 'operator' && equalInConstantTime(hash, operatorKeyHash)) {
    return { kind: 'operator' };
  }
  const customer = parsed.prefix === 'customer' ? await findCustomerByKey(sql, hash) : undefined;
  if (customer === undefined) {
    throw new ApiError('bad-key');
  }
  return { kind: 'customer', customerId: customer.id, customerNumber: customer.number };
}

async function identifyTerminal(
  { clock, standing }: DispatchContext,
  { openSession }: Proofs,
  credential: string,
): Promise<Caller> {
  const opened = openSession(credential, clock.now());
  if (opened.kind === 'expired') {
    throw new ApiError('session-expired');
  }
  if (opened.kind === 'forged') {
    throw new ApiError('bad-key', 'This session was not given out by this server.');
  }
  const { terminalId, terminalNumber, memberNumber } = opened.session;
  const found = await standing.find(terminalNumber);
  if (found === undefined) {
    throw new ApiError('terminal-unknown');
  }
  if (found.state === 'revoked') {
    throw new ApiError('terminal-revoked');
  }
  return { kind: 'terminal', terminalId, terminalNumber, memberNumber };
}

async function identifyVendor(
  { sql, clock }: DispatchContext,
  { method, url, authorization, rawBody }: IncomingRequest,
): Promise<Caller> {
  let vendor: Awaited<ReturnType<typeof findVendor>>;
  await verifyRequest({
    method,
    path: url,
    body: rawBody,
    authorization,
    now: clock.now(),
    findKey: async (issuer) => {
      vendor = isUuid(issuer) ? await findVendor(sql, issuer) : undefined;
      return vendor?.publicKey;
    },
    useOnce: async (jti, until) =>
      vendor !== undefined && (await useSignedRequest(sql, { vendorNumber: vendor.number, jti, until })),
  });
  if (vendor === undefined) {
    throw new ApiError('bad-key');
  }
  return { kind: 'vendor', vendorId: vendor.id, vendorNumber: vendor.number };
}
