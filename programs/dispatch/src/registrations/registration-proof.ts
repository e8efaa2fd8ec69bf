import { type PublicJwk, thumbprint } from '@taika/crypto/keys';
import { TokenError, verifyToken } from '@taika/crypto/token';
import { ApiError } from '@taika/http/api-error';
import { tokenTypes } from '@taika/protocol/tokens';

/** What a proof must say for this registration. */
export interface ProvenRegistration {
  readonly registrationId: string;
  readonly vendorId: string;
  readonly product: string;
  readonly terminalKey: PublicJwk;
}

/**
 * Verifies that the holder of the terminal's key wants to be registered so: for this vendor, product and registration.
 * Gives the key's thumbprint. Throws `bad-signature` with what does not fit: a vendor cannot enrol a terminal that did not ask.
 */
export async function verifyRegistrationProof(
  proof: string,
  { registrationId, vendorId, product, terminalKey }: ProvenRegistration,
  now: Date,
): Promise<string> {
  try {
    const name = await thumbprint(terminalKey);
    const claims = await verifyToken(proof, {
      type: tokenTypes.registrationProof,
      keys: terminalKey,
      audience: vendorId,
      now,
    });
    const wanted = { sub: name, registration: registrationId, product };
    for (const [claim, value] of Object.entries(wanted)) {
      if (claims[claim] !== value) {
        throw new ApiError(
          'bad-signature',
          `The registration proof says another "${claim}" than the registration: it is for another one.`,
        );
      }
    }
    return name;
  } catch (error) {
    if (error instanceof TokenError) {
      throw new ApiError('bad-signature', `The registration proof was refused: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}
