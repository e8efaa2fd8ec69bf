import { canonicalJson } from '@taika/crypto/canonical-json';
import { type PublicJwk, parsePublicKey } from '@taika/crypto/keys';
import { sha256Sync } from '@taika/crypto/node-digest';
import type { Transaction } from '@taika/database/connect';
import { inTransaction, isDuplicate } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { verifyRegistrationProof } from '@taika/http/registration-proof';
import { uuidv7 } from '@taika/runtime/identifiers';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { revokedError } from '../terminals/revoked-error.ts';
import {
  findMemberNumber,
  findRegistration,
  findTerminalByKey,
  insertMember,
  insertPseudonym,
  insertRegistration,
  insertTerminal,
  lockRegistering,
  type RegistrationRow,
} from './queries.ts';

/** What a vendor forwards (steps 206, 506). */
export interface RegistrationRequest {
  readonly registrationId: string;
  readonly pseudonym: string;
  readonly product: string;
  readonly kind: 'application' | 'service';
  readonly terminalName: string;
  readonly terminalKey: unknown;
  readonly proof: string;
}

/**
 * Stores a registration in the user database (step 207); what it returns is the confirmation (step 208).
 *
 * One member for each terminal key, whichever vendor brings it. A pseudonym joins nothing: it is the vendor's word alone,
 * and a key that the vendor made up would spend the points of the member whom it names. A repeated call gets the first
 * answer, even after its proof has expired.
 */
export async function registerMember(
  context: DispatchContext,
  caller: VendorCaller,
  request: RegistrationRequest,
): Promise<RegistrationRow> {
  const { sql, clock, standing } = context;
  const terminalKey = parsePublicKey(request.terminalKey);
  const requestHash = hashOf(request, terminalKey);
  const known = await findRegistration(sql, request.registrationId);
  if (known !== undefined) {
    return sameOrConflict(known, caller, requestHash);
  }
  const { registrationId, product } = request;
  const thumbprint = await verifyRegistrationProof(
    request.proof,
    { registrationId, vendorId: caller.vendorId, product, terminalKey },
    clock.now(),
  );
  const registered = await inTransaction(sql, async (tx) => {
    await lockRegistering(tx, {
      vendorNumber: caller.vendorNumber,
      pseudonym: request.pseudonym,
      thumbprint,
    });
    const meanwhile = await findRegistration(tx, registrationId);
    return meanwhile === undefined
      ? await store(tx, context, { caller, request, requestHash, terminalKey, thumbprint })
      : sameOrConflict(meanwhile, caller, requestHash);
  });
  standing.forget(registered.terminalNumber);
  return registered;
}

interface NewRegistration {
  readonly caller: VendorCaller;
  readonly request: RegistrationRequest;
  readonly requestHash: Uint8Array;
  readonly terminalKey: PublicJwk;
  readonly thumbprint: string;
}

async function store(
  tx: Transaction,
  { clock, random, standing }: DispatchContext,
  { caller, request, requestHash, terminalKey, thumbprint }: NewRegistration,
): Promise<RegistrationRow> {
  const { vendorNumber } = caller;
  const { registrationId, pseudonym, product, kind, terminalName } = request;
  const registeredAt = clock.now();
  const terminal = await findTerminalByKey(tx, thumbprint);
  const memberByName = await findMemberNumber(tx, vendorNumber, pseudonym);
  if (terminal?.state === 'revoked') {
    throw revokedError(await standing.find(terminal.number));
  }
  if (terminal !== undefined && terminal.role !== 'member') {
    throw new ApiError('conflict', 'This key is that of a terminal of the contractor’s own.');
  }
  if (memberByName !== undefined && memberByName !== terminal?.memberNumber) {
    throw new ApiError('conflict', 'This pseudonym belongs to another terminal: give each terminal its own.');
  }
  const memberNumber =
    terminal?.memberNumber ?? (await insertMember(tx, uuidv7(registeredAt, random), registeredAt));
  await insertPseudonym(tx, { vendorNumber, pseudonym, memberNumber });
  const terminalNumber =
    terminal?.number ??
    (await insertTerminal(tx, {
      id: uuidv7(registeredAt, random),
      memberNumber,
      role: 'member',
      name: terminalName,
      thumbprint,
      publicKey: terminalKey,
      registeredAt,
    }));
  const row = { id: registrationId, vendorNumber, memberNumber, terminalNumber, pseudonym, product, kind };
  await insertRegistration(tx, { ...row, requestHash, registeredAt }).catch(explainDuplicate);
  const stored = await findRegistration(tx, registrationId);
  if (stored === undefined) {
    throw new Error('A registration was stored and is not there.');
  }
  return stored;
}

function sameOrConflict(
  known: RegistrationRow,
  caller: VendorCaller,
  requestHash: Uint8Array,
): RegistrationRow {
  if (known.vendorNumber !== caller.vendorNumber || Buffer.compare(known.requestHash, requestHash) !== 0) {
    throw new ApiError('idempotency-conflict', 'This registration id was used for another registration.');
  }
  return known;
}

/** The proof is left out: it expires, and a vendor that repeats the call may bring a fresh one. */
function hashOf(request: RegistrationRequest, { kty, crv, x }: PublicJwk): Uint8Array {
  const { pseudonym, product, kind, terminalName } = request;
  return sha256Sync(canonicalJson({ pseudonym, product, kind, terminalName, terminalKey: { kty, crv, x } }));
}

function explainDuplicate(error: unknown): never {
  if (isDuplicate(error, 'registration_open_once')) {
    throw new ApiError(
      'conflict',
      'This terminal is registered for this product already; end that one first.',
    );
  }
  throw error;
}
