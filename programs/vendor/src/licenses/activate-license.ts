import { licenseKeyHash, parseLicenseKey } from '@taika/crypto/license-key';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { ReplyOf } from '@taika/protocol/route';
import type { LicenseId } from '@taika/protocol/schema';
import type { activate } from '@taika/protocol/vendor/licenses';
import type { MemberCaller, VendorContext } from '../context.ts';
import { licenseReasons } from './license.ts';
import {
  bindDevice,
  countDevices,
  findConfirmedRegistrationId,
  findDevice,
  findLicenseByKey,
  type LicenseRow,
  lockLicense,
} from './queries.ts';

/**
 * Binds a license to the calling terminal by its key, up to the product's number of devices. The terminal must itself be
 * registered for the product: it is its own work that keeps the license alive on it. A repeated call changes nothing.
 */
export async function activateLicense(
  context: VendorContext,
  caller: MemberCaller,
  typedKey: string,
): Promise<ReplyOf<typeof activate>> {
  const found = await findByTypedKey(context, typedKey);
  return inTransaction(context.sql, async (tx) => {
    const license = await lockLicense(tx, found.id);
    if (license === undefined) {
      throw refused('ended');
    }
    if (license.state === 'suspended' || license.state === 'revoked' || license.state === 'ended') {
      throw refused(license.state);
    }
    const { id: licenseId, product, devicesMax } = license;
    const devices = await countDevices(tx, licenseId);
    const reply = { licenseId: licenseId as LicenseId, product, devicesMax };
    if ((await findDevice(tx, licenseId, caller.thumbprint)) !== undefined) {
      return { ...reply, devices };
    }
    const registrationId = await findConfirmedRegistrationId(tx, caller.thumbprint, product);
    if (registrationId === undefined) {
      throw new ApiError(
        'license-refused',
        `This terminal is not registered for "${product}": register it first.`,
      );
    }
    if (devices >= devicesMax) {
      throw new ApiError(
        'license-refused',
        `The license is activated on ${devices} terminals, and ${devicesMax} are allowed.`,
      );
    }
    await bindDevice(tx, {
      licenseId,
      thumbprint: caller.thumbprint,
      registrationId,
      now: context.clock.now(),
    });
    return { ...reply, devices: devices + 1 };
  });
}

function refused(state: 'suspended' | 'revoked' | 'ended'): ApiError {
  const reason = licenseReasons[state];
  return new ApiError('license-refused', `${reason.sentence} ${reason.remedy}`, {
    extra: { license: state, reason },
  });
}

/** The license of a key as people type it. Throws `bad-key`, told apart: a typing error, or a key that nobody has. */
export async function findByTypedKey(
  { sql, identity }: VendorContext,
  typedKey: string,
): Promise<LicenseRow> {
  const parsed = parseLicenseKey(typedKey);
  if (parsed.kind !== 'key') {
    throw new ApiError('bad-key', 'This is no license key: it has a typing error.', {
      extra: { mistyped: true },
    });
  }
  const license = await findLicenseByKey(sql, await licenseKeyHash(parsed.key, identity.licenseKeySecret));
  if (license === undefined) {
    throw new ApiError('bad-key', 'No license has this key.');
  }
  return license;
}
