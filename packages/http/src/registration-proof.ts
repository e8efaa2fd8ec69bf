import { type PublicJwk, thumbprint } from '@taika/crypto/keys';
import { TokenError, verifyToken } from '@taika/crypto/token';
import { tokenTypes } from '@taika/protocol/tokens';
import { ApiError } from './api-error.ts';

/** What a proof must say for this registration. */
export interface ProvenRegistration {
  readonly registrationId: string;
  readonly vendorId: string;
  readonly product: string;
  readonly terminalKey: PublicJwk;
}

/**
 * Verifies that the holder of the terminal's key wants to be registered so: for this vendor, product and registration.
 * Both companies' servers ask: a vendor cannot enrol a terminal that did not want it. Gives the key's thumbprint. Throws
 * `bad-signature` with what does not fit.
 */
export async function verifyRegistrationProof(
  proof: string,
  { registrationId, vendorId, product, terminalKey }: ProvenRegistration,
  now: Date,
): Promise<string> {
  const name = await thumbprint(terminalKey);
  const type = tokenTypes.registrationProof;
  const claims = await verifyToken(proof, { type, keys: terminalKey, audience: vendorId, now }).catch(refuse);
  const wanted = { sub: name, registration: registrationId, product };
  for (const [claim, value] of Object.entries(wanted)) {
    if (claims[claim] !== value) {
      throw new ApiError('bad-signature', `The registration proof is for another "${claim}".`);
    }
  }
  return name;
}

function refuse(cause: unknown): never {
  if (cause instanceof TokenError) {
    throw new ApiError('bad-signature', `The registration proof was refused: ${cause.message}`, { cause });
  }
  throw cause;
}
