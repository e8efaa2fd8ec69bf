import { canonicalJson } from '@taika/crypto/canonical-json';
import { type PublicJwk, parsePublicKey } from '@taika/crypto/keys';
import { sha256HexSync } from '@taika/crypto/node-digest';
import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { verifyRegistrationProof } from '@taika/http/registration-proof';
import type { BodyOf } from '@taika/protocol/route';
import type { register } from '@taika/protocol/vendor/licenses';
import { readProduct } from '../catalogue/offer-product.ts';
import type { VendorContext } from '../context.ts';
import {
  findOpenRegistrationId,
  findRegistration,
  findTerminal,
  insertMember,
  insertRegistration,
  insertTerminal,
  lockTerminal,
  type RegistrationRow,
  renewMember,
  renewProof,
} from './queries.ts';

type RegisterBody = BodyOf<typeof register>;

/**
 * Stores the member, the terminal and the request in the user database (step 205). A terminal that is known belongs to its
 * member. A repeated call finds what the first one stored; one that says something else is a conflict.
 */
export async function storeRequest(
  context: VendorContext,
  registrationId: string,
  body: RegisterBody,
): Promise<RegistrationRow> {
  const { sql, clock, identity } = context;
  const { product, proof } = body;
  const terminalKey = parsePublicKey(body.terminalKey);
  const { kind } = await readProduct(context, product);
  const wanted = { vendorId: identity.vendorId, registrationId, product, terminalKey };
  const thumbprint = await verifyRegistrationProof(proof, wanted, clock.now());
  const requestHash = hashOf(body, terminalKey);
  return inTransaction(sql, async (tx) => {
    await lockTerminal(tx, thumbprint);
    const known = await findRegistration(tx, registrationId);
    if (known !== undefined) {
      if (known.requestHash !== requestHash) {
        throw new ApiError('idempotency-conflict', 'This registration id was used for another registration.');
      }
      await renewProof(tx, { id: registrationId, proof, now: clock.now() });
      return { ...known, proof: known.state === 'requested' ? proof : null };
    }
    await refuseSecond(tx, thumbprint, product);
    const memberId = await storeMember(tx, context, { body, terminalKey, thumbprint });
    const row = {
      id: registrationId,
      memberId,
      thumbprint,
      product,
      kind,
      requestHash,
      proof,
      now: clock.now(),
    };
    await insertRegistration(tx, row);
    const stored = await findRegistration(tx, registrationId);
    if (stored === undefined) {
      throw new Error('A registration was stored and is not there.');
    }
    return stored;
  });
}

/** The id is told, since the caller has proved to hold the key: an agent that lost its notes can take up where it was. */
async function refuseSecond(tx: Transaction, thumbprint: string, product: string): Promise<void> {
  const open = await findOpenRegistrationId(tx, thumbprint, product);
  if (open !== undefined) {
    throw new ApiError('conflict', `This terminal is registered for "${product}" already, as ${open}.`, {
      extra: { registrationId: open },
    });
  }
}

async function storeMember(
  tx: Transaction,
  { clock, random }: VendorContext,
  {
    body,
    terminalKey,
    thumbprint,
  }: { readonly body: RegisterBody; readonly terminalKey: PublicJwk; readonly thumbprint: string },
): Promise<string> {
  const { name, contact, terminalName } = body;
  const now = clock.now();
  const known = await findTerminal(tx, thumbprint);
  if (known !== undefined) {
    await renewMember(tx, { id: known.memberId, name, contact });
    return known.memberId;
  }
  // The pseudonym tells nothing: a time-ordered id would tell the dispatch server when the member came.
  const memberId = randomUuid(random.bytes(16));
  await insertMember(tx, { id: memberId, name, contact, now });
  await insertTerminal(tx, { thumbprint, memberId, publicKey: terminalKey, name: terminalName, now });
  return memberId;
}

/** A version 4 UUID (RFC 9562) of these random bytes. */
function randomUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  const variant = '89ab'.charAt((bytes[8] ?? 0) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** The proof is left out: it expires, and a repeated call brings a fresh one. */
function hashOf({ product, name, contact, terminalName }: RegisterBody, { x }: PublicJwk): string {
  return sha256HexSync(canonicalJson({ product, name, contact, terminalName, terminalKey: x }));
}
