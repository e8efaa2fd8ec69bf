import { ApiError } from '@taika/http/api-error';
import type { LicenseId } from '@taika/protocol/schema';
import type { LicenseViewText } from '@taika/protocol/vendor/licenses';
import type { MemberCaller, VendorContext } from '../context.ts';
import { licenseReasons } from './license.ts';
import { type DeviceRow, findDevice, findLicense, type LicenseEventRow, type LicenseRow } from './queries.ts';

/** A license of the calling terminal. Throws `not-found` for one that is not activated on it, whether it exists or not. */
export async function readOwnLicense(
  { sql }: VendorContext,
  caller: MemberCaller,
  licenseId: string,
): Promise<{ readonly license: LicenseRow; readonly device: DeviceRow }> {
  const license = await findLicense(sql, licenseId);
  const device = await findDevice(sql, licenseId, caller.thumbprint);
  if (license === undefined || device === undefined) {
    throw new ApiError('not-found', 'No such license is activated on this terminal.');
  }
  return { license, device };
}

/** A license as its member sees it, with the evidence of the last receipt. */
export function toLicenseView(
  license: LicenseRow,
  device: DeviceRow,
  history?: readonly LicenseEventRow[],
): LicenseViewText {
  const { receipt, offlineUntil } = device;
  const reason = license.reason ?? (license.state === 'ended' ? licenseReasons.ended : null);
  return {
    licenseId: license.id as LicenseId,
    product: license.product,
    state: license.state,
    ...(reason === null ? {} : { reason }),
    evidence: {
      pointsCommittedMilli: receipt?.committedMilli ?? '0',
      pointsFinalMilli: receipt?.finalMilli ?? '0',
      pointsForfeitedMilli: receipt?.forfeitedMilli ?? '0',
    },
    ...(offlineUntil === null ? {} : { offlineUntil: offlineUntil.toISOString() }),
    ...(history === undefined ? {} : { history: history.map(toEventView) }),
  };
}

/** Enough to see what led to where it stands. */
export const eventsShown = 20;

function toEventView({ at, fromState, toState, reason }: LicenseEventRow) {
  return { at: at.toISOString(), from: fromState, to: toState, ...(reason === null ? {} : { reason }) };
}
