import { equalInConstantTime } from '@taika/crypto/digest';
import { parsePublicKey } from '@taika/crypto/keys';
import { verifyRequest } from '@taika/crypto/signed-request';
import { createGatekeeper, type Gatekeeper, type IncomingRequest, readApiKey } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import type { Caller, MemberCaller, VendorContext } from '../context.ts';
import { findServiceKey, findSigner, useSignedRequest } from './queries.ts';

/**
 * Who calls the vendor server.
 *
 *   operator   Bearer taika_operator_…    hash compared with the one of the key file
 *   service    Bearer taika_service_…     hash looked up; good for one product
 *   member     Taika-Signature JWS        by a terminal's key: `iss` its thumbprint, `aud` this vendor's id, over method,
 *                                         path, query and body; good for one use within a minute
 */
export function createVendorGatekeeper(context: VendorContext, operatorKeyHash: string): Gatekeeper<Caller> {
  return createGatekeeper({
    bySignature: (request) => identifyMember(context, request),
    byBearer: (credential) => identifyByKey(context, operatorKeyHash, credential),
  });
}

async function identifyByKey(
  { sql }: VendorContext,
  operatorKeyHash: string,
  credential: string,
): Promise<Caller> {
  const { prefix, hash } = await readApiKey(credential);
  if (prefix === 'operator' && equalInConstantTime(hash, operatorKeyHash)) {
    return { kind: 'operator' };
  }
  const service = prefix === 'service' ? await findServiceKey(sql, hash) : undefined;
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
