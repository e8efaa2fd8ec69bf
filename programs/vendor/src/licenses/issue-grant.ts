import { signToken } from '@taika/crypto/token';
import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { ReplyOf } from '@taika/protocol/route';
import type { ReasonText } from '@taika/protocol/schema';
import { tokenTypes } from '@taika/protocol/tokens';
import type { requestGrant } from '@taika/protocol/vendor/licenses';
import type { MemberCaller, VendorContext } from '../context.ts';
import { fetchReceipt, type Receipt } from './fetch-receipt.ts';
import { grantClaims, grantTimes } from './grant.ts';
import { evidencePoints, licenseReasons } from './license.ts';
import { offlineTimes, offlineUntil, offlineUsedMs, offlineUseSince } from './offline.ts';
import {
  type DeviceRow,
  findDevice,
  insertOfflineUse,
  type LicenseRow,
  listOfflineUses,
  lockLicense,
  noteLicenseHour,
  writeGrant,
  writeLicenseState,
  writeReceipt,
} from './queries.ts';
import { readOwnLicense, toLicenseView } from './read-license.ts';
import { weighReceipt } from './weigh-receipt.ts';

type Granted = ReplyOf<typeof requestGrant>;

/**
 * Signs a grant for this terminal, after asking the dispatch server for its evidence. Throws `license-refused` with the
 * reason, which also becomes the license's state, and `upstream-unreachable` where the evidence cannot be had: then the
 * agent goes on with the offline allowance of its last grant.
 */
export async function issueGrant(
  context: VendorContext,
  caller: MemberCaller,
  licenseId: string,
): Promise<Granted> {
  const before = await readOwnLicense(context, caller, licenseId);
  if (before.license.state === 'revoked' || before.license.state === 'ended') {
    throw refused(before.license.state, before.license.reason ?? licenseReasons[before.license.state]);
  }
  await reviewSuspension(context, before);
  const receipt = await fetchReceipt(context, before.device.registrationId);
  const outcome = await inTransaction(context.sql, (tx) =>
    decide(tx, context, { caller, licenseId, receipt }),
  );
  if (outcome.kind === 'refused') {
    // Thrown after the commit: the new state of the license must stay.
    throw refused(outcome.state, outcome.reason);
  }
  return outcome.granted;
}

type Outcome =
  | { readonly kind: 'granted'; readonly granted: Granted }
  | { readonly kind: 'refused'; readonly state: string; readonly reason: ReasonText };

async function decide(
  tx: Transaction,
  context: VendorContext,
  {
    caller,
    licenseId,
    receipt,
  }: { readonly caller: MemberCaller; readonly licenseId: string; readonly receipt: Receipt },
): Promise<Outcome> {
  const license = await lockLicense(tx, licenseId);
  const device = await findDevice(tx, licenseId, caller.thumbprint);
  if (license === undefined || device === undefined) {
    throw new ApiError('not-found');
  }
  const now = context.clock.now();
  const { registrationId } = device;
  const { state, reason, suspension } = weighReceipt(license, device, receipt);
  await writeLicenseState(tx, {
    id: licenseId,
    from: license.state,
    state,
    reason,
    registrationId,
    suspension,
    now,
  });
  if (receipt.kind === 'evidence') {
    const { thumbprint } = caller;
    const reentries = Math.max(device.reentries, receipt.evidence.reentries);
    await writeReceipt(tx, { licenseId, thumbprint, receipt: storable(receipt, now), reentries });
  }
  if (reason !== undefined) {
    return { kind: 'refused', state, reason };
  }
  const grant = await sign(tx, context, { license, device, now });
  await noteHour(tx, { license, device, receipt });
  const after = await lockLicense(tx, licenseId);
  const granted = await findDevice(tx, licenseId, caller.thumbprint);
  const view = toLicenseView(after ?? license, granted ?? device);
  return { kind: 'granted', granted: { grant, refreshAfterMs: grantTimes.refreshAfterMs, license: view } };
}

/**
 * A license on several terminals may be suspended for another of them, which may not be running. So that one is asked about too,
 * before this one's evidence counts.
 */
async function reviewSuspension(
  context: VendorContext,
  {
    license: { id, state, suspendedFor },
    device,
  }: { readonly license: LicenseRow; readonly device: DeviceRow },
): Promise<void> {
  if (state !== 'suspended' || suspendedFor === null || suspendedFor === device.registrationId) {
    return;
  }
  const receipt = await fetchReceipt(context, suspendedFor);
  await inTransaction(context.sql, async (tx) => {
    const license = await lockLicense(tx, id);
    if (license === undefined || license.suspendedFor !== suspendedFor) {
      return;
    }
    const owner = { registrationId: suspendedFor, reentries: license.suspendedReentries ?? 0 };
    const weighed = weighReceipt(license, owner, receipt);
    await writeLicenseState(tx, {
      id,
      from: license.state,
      ...weighed,
      registrationId: suspendedFor,
      now: context.clock.now(),
    });
  });
}

async function sign(
  tx: Transaction,
  { identity }: VendorContext,
  { license, device, now }: { readonly license: LicenseRow; readonly device: DeviceRow; readonly now: Date },
): Promise<string> {
  const { licenseId, thumbprint } = device;
  const { grantedAt, grantExpiresAt, offlineUntil: lastOffline } = device;
  if (grantedAt !== null && grantExpiresAt !== null && lastOffline !== null) {
    const use = offlineUseSince({ grantedAt, grantExpiresAt, offlineUntil: lastOffline }, now);
    if (use !== undefined) {
      await insertOfflineUse(tx, { licenseId, thumbprint, use });
    }
  }
  const from = new Date(now.getTime() - offlineTimes.budgetWindowMs);
  const usedMs = offlineUsedMs(await listOfflineUses(tx, { licenseId, thumbprint, from }), now);
  const expiresAt = new Date(now.getTime() + grantTimes.validMs);
  const until = offlineUntil(usedMs, now, expiresAt);
  await writeGrant(tx, {
    licenseId,
    thumbprint,
    grantedAt: now,
    grantExpiresAt: expiresAt,
    offlineUntil: until,
  });
  const claims = grantClaims({
    vendorId: identity.vendorId,
    memberId: license.memberId,
    licenseId,
    product: license.product,
    thumbprint,
    now,
    expiresAt,
    offlineUntil: until,
  });
  return signToken(claims, { type: tokenTypes.grant, key: identity.key.privateKey });
}

/**
 * Only hours with work done for the license are claimed for; goodwill costs the contractor nothing. The receipt's own instant
 * names the hour, because the contractor notes the same.
 */
async function noteHour(
  tx: Transaction,
  { license, device, receipt }: { license: LicenseRow; device: DeviceRow; receipt: Receipt },
): Promise<void> {
  if (receipt.kind === 'evidence' && evidencePoints(receipt.evidence) > 0n) {
    await noteLicenseHour(tx, {
      licenseId: license.id,
      registrationId: device.registrationId,
      at: receipt.evidence.issuedAt,
    });
  }
}

function storable({ evidence }: Extract<Receipt, { kind: 'evidence' }>, now: Date) {
  return {
    committedMilli: String(evidence.committedMilli),
    finalMilli: String(evidence.finalMilli),
    forfeitedMilli: String(evidence.forfeitedMilli),
    state: evidence.state,
    receivedAt: now.toISOString(),
  };
}

function refused(state: string, reason: ReasonText): ApiError {
  return new ApiError('license-refused', `${reason.sentence} ${reason.remedy}`, {
    extra: { license: state, reason },
  });
}
