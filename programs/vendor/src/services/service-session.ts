import { sha256Hex, toBase64url } from '@taika/crypto/digest';
import { ApiError } from '@taika/http/api-error';
import type { ReplyOf } from '@taika/protocol/route';
import type { openServiceSession } from '@taika/protocol/vendor/services';
import type { ServiceCaller, VendorContext } from '../context.ts';
import { findByTypedKey } from '../licenses/activate-license.ts';
import { licenseReasons } from '../licenses/license.ts';
import { findMemberName, findSession, insertSession, type SessionRow } from './queries.ts';

/** A session lasts a working day; what is spent in it is confirmed in the agent each time anyway. */
const sessionMs = 12 * 3_600_000;

/**
 * Looks a license key up in the user database (603) and opens a session (604). The key of another product opens nothing,
 * and is not told apart from one that nobody has. A license that is not computing signs in all the same: here the agent
 * has no license-providing duty (¶65).
 */
export async function signIn(
  context: VendorContext,
  caller: ServiceCaller,
  typedKey: string,
): Promise<ReplyOf<typeof openServiceSession>> {
  const license = await findByTypedKey(context, typedKey);
  if (license.product !== caller.product) {
    throw new ApiError('bad-key', 'No license has this key.');
  }
  if (license.state === 'revoked' || license.state === 'ended') {
    throw refused(license.state);
  }
  const session = `taika_signin_${toBase64url(context.random.bytes(32))}`;
  const expiresAt = new Date(context.clock.now().getTime() + sessionMs);
  const { product, memberId, id: licenseId } = license;
  await insertSession(context.sql, {
    hash: await sha256Hex(session),
    product,
    memberId,
    licenseId,
    expiresAt,
  });
  return {
    session,
    memberName: (await findMemberName(context.sql, memberId)) ?? '',
    product,
    licenseKeyHint: license.keyHint,
    expiresInMs: sessionMs,
  };
}

/** The signed-in member. Throws `session-expired`, and `not-found` for the session of another service. */
export async function openSession(
  { sql, clock }: VendorContext,
  caller: ServiceCaller,
  session: string,
): Promise<SessionRow> {
  const found = await findSession(sql, await sha256Hex(session));
  if (found === undefined || found.expiresAt <= clock.now()) {
    throw new ApiError('session-expired', 'Sign in again with the license key.');
  }
  if (found.product !== caller.product) {
    throw new ApiError('not-found', 'This session belongs to another service.');
  }
  if (found.licenseState === 'revoked' || found.licenseState === 'ended') {
    throw refused(found.licenseState);
  }
  return found;
}

function refused(state: 'revoked' | 'ended'): ApiError {
  const reason = licenseReasons[state];
  return new ApiError('license-refused', `${reason.sentence} ${reason.remedy}`, {
    extra: { license: state, reason },
  });
}
