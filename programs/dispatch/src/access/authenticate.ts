import { equalInConstantTime } from '@taika/crypto/digest';
import { verifyRequest } from '@taika/crypto/signed-request';
import { createGatekeeper, type Gatekeeper, type IncomingRequest, readApiKey } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { isUuid } from '@taika/runtime/identifiers';
import type { Caller, DispatchContext } from '../context.ts';
import { findCustomerByKey } from '../customers/queries.ts';
import { revokedError } from '../terminals/revoked-error.ts';
import { findVendor } from '../vendors/queries.ts';
import { useSignedRequest } from './queries.ts';
import { createSessionOpener, type SessionOpener, sessionPrefix } from './session.ts';

/**
 * Who calls the dispatch server.
 *
 *   operator   Bearer taika_operator_…    hash compared with the one in the database
 *   customer   Bearer taika_customer_…    hash looked up
 *   vendor     Taika-Signature JWS        over method, path, query and body; good for one use within a minute
 *   terminal   Bearer taika_session_…     HMAC and the standing in memory: no query
 */
export function createDispatchGatekeeper(
  context: DispatchContext,
  operatorKeyHash: string,
): Gatekeeper<Caller> {
  const proofs: Proofs = { operatorKeyHash, openSession: createSessionOpener(context.secrets.session) };
  return createGatekeeper({
    bySignature: (request) => identifyVendor(context, request),
    byBearer: (credential) =>
      credential.startsWith(sessionPrefix)
        ? identifyTerminal(context, proofs, credential)
        : identifyByKey(context, proofs, credential),
  });
}

/** What proofs are compared with, beside the database. */
interface Proofs {
  readonly operatorKeyHash: string;
  readonly openSession: SessionOpener;
}

async function identifyByKey(
  { sql }: DispatchContext,
  { operatorKeyHash }: Proofs,
  credential: string,
): Promise<Caller> {
  const { prefix, hash } = await readApiKey(credential);
  if (prefix === 'operator' && equalInConstantTime(hash, operatorKeyHash)) {
    return { kind: 'operator' };
  }
  const customer = prefix === 'customer' ? await findCustomerByKey(sql, hash) : undefined;
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
    throw revokedError(found);
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
