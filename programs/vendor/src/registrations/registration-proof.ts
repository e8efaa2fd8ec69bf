import { type PublicJwk, thumbprint } from '@taika/crypto/keys';
import { TokenError, verifyToken } from '@taika/crypto/token';
import { ApiError } from '@taika/http/api-error';
import { tokenTypes } from '@taika/protocol/tokens';

/** What a proof must say for this registration. */
export interface ProvenRegistration {
  readonly vendorId: string;
  readonly registrationId: string;
  readonly product: string;
  readonly terminalKey: PublicJwk;
}

/** Verifies that the holder of the terminal's key wants to be registered so, here and now; gives the key's thumbprint. Throws `bad-signature`. */
export async function verifyProof(proof: string, wanted: ProvenRegistration, now: Date): Promise<string> {
  const name = await thumbprint(wanted.terminalKey);
  const claims = await verifyToken(proof, {
    type: tokenTypes.registrationProof,
    keys: wanted.terminalKey,
    audience: wanted.vendorId,
    now,
  }).catch((error: unknown) => {
    if (error instanceof TokenError) {
      throw new ApiError('bad-signature', `The registration proof was refused: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  });
  const expected = { sub: name, registration: wanted.registrationId, product: wanted.product };
  for (const [claim, value] of Object.entries(expected)) {
    if (claims[claim] !== value) {
      throw new ApiError(
        'bad-signature',
        `The registration proof is for another "${claim}" than the request.`,
      );
    }
  }
  return name;
}
