import { derivedId } from '@taika/crypto/derived-id';
import { createLicenseKey, licenseKeyHash, licenseKeyHint } from '@taika/crypto/license-key';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { BodyOf } from '@taika/protocol/route';
import type { LicenseId, Pseudonym, ReasonText, RegistrationId } from '@taika/protocol/schema';
import type { RegistrationText, register } from '@taika/protocol/vendor/licenses';
import { faultPoint } from '@taika/runtime/fault-points';
import type { VendorContext } from '../context.ts';
import { bindDevice, insertLicense, replaceKey } from '../licenses/queries.ts';
import { confirmRegistration } from './confirm-registration.ts';
import { findRegistration, lockRegistration, markIssued, type RegistrationRow } from './queries.ts';
import { afterEvent } from './registration.ts';
import { storeRequest } from './store-request.ts';

/**
 * Steps 204 to 209: stores the request, has the dispatch server confirm it, and only then issues the license with its key.
 * Every call goes on where an earlier one stopped, after a crash too. Until the agent acknowledged, each call of the proven
 * terminal gets a new key in place of the one before; afterwards none.
 */
export async function registerMember(
  context: VendorContext,
  registrationId: string,
  body: BodyOf<typeof register>,
): Promise<RegistrationText> {
  const stored = await storeRequest(context, registrationId, body);
  faultPoint('vendor.registration.requested');
  const problem = await confirmRegistration(context, stored);
  if (problem !== undefined) {
    return toRegistrationText(stored, { reason: problem });
  }
  const key = await issueKey(context, registrationId);
  faultPoint('vendor.registration.issued');
  const registration = await readRegistration(context, registrationId);
  return toRegistrationText(registration, key === undefined ? {} : { licenseKey: key });
}

/** Issues the license with a key, or a new key in place of one that was not acknowledged; undefined where the state allows none. */
async function issueKey(
  { sql, clock, random, identity }: VendorContext,
  registrationId: string,
): Promise<string | undefined> {
  const key = createLicenseKey(random);
  const keyHash = await licenseKeyHash(key, identity.licenseKeySecret);
  return inTransaction(sql, async (tx) => {
    const registration = await lockRegistration(tx, registrationId);
    if (registration === undefined || afterEvent(registration.state, 'key-sent') === undefined) {
      return undefined;
    }
    const now = clock.now();
    const { memberId, product, thumbprint } = registration;
    const license = { id: derivedId(`license:${registrationId}`), keyHash, keyHint: licenseKeyHint(key) };
    if (registration.licenseId === null) {
      await insertLicense(tx, { ...license, registrationId, memberId, product, now });
      await bindDevice(tx, { licenseId: license.id, thumbprint, registrationId, now });
    } else {
      await replaceKey(tx, { ...license, id: registration.licenseId });
    }
    await markIssued(tx, registrationId, now);
    return key;
  });
}

/** The registration, or `not-found`. */
export async function readRegistration({ sql }: VendorContext, id: string): Promise<RegistrationRow> {
  const registration = await findRegistration(sql, id);
  if (registration === undefined) {
    throw new ApiError('not-found');
  }
  return registration;
}

/** A registration as it travels; a key only where one goes out with this very reply. */
export function toRegistrationText(
  registration: Omit<RegistrationRow, 'publicKey' | 'terminalName'>,
  { licenseKey, reason }: { readonly licenseKey?: string; readonly reason?: ReasonText } = {},
): RegistrationText {
  const { id, product, kind, state, memberId, licenseId, keyHint, problem } = registration;
  const why = reason ?? (state === 'requested' ? problem : null);
  return {
    registrationId: id as RegistrationId,
    product,
    kind,
    state,
    pseudonym: memberId as Pseudonym,
    ...(licenseId === null ? {} : { licenseId: licenseId as LicenseId }),
    ...(licenseKey === undefined ? {} : { licenseKey }),
    ...(keyHint === null ? {} : { licenseKeyHint: keyHint }),
    ...(why === null ? {} : { reason: why }),
  };
}
