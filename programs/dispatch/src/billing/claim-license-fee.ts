import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { licenseFeeAccrued } from '@taika/ledger/events';
import { post } from '@taika/ledger/post';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { unitsForLicense } from '../receipts/evidence.ts';
import { sumTerminalWork } from '../receipts/queries.ts';
import { findVendor, type VendorRow } from '../vendors/queries.ts';
import { type ClaimRow, findClaim, insertClaim, isFeeClaimed, lockRegistration } from './claim-queries.ts';
import { daysOf, feeRefusal } from './fee.ts';

/** What a vendor claims (step 211). */
export interface FeeClaim {
  readonly claimId: string;
  readonly registrationId: string;
  readonly month?: string | undefined;
}

/**
 * Decides a claim for a license fee by the contract, and books it if it is due. A fee that is not due gives a claim in
 * the state `refused` with its reason; a repeated call gets the first answer, whatever happened since.
 */
export async function claimLicenseFee(
  context: DispatchContext,
  caller: VendorCaller,
  wanted: FeeClaim,
): Promise<ClaimRow> {
  const known = await findClaim(context.sql, wanted.claimId);
  if (known !== undefined) {
    return sameOrConflict(known, caller, wanted);
  }
  const vendor = await findVendor(context.sql, caller.vendorId);
  if (vendor === undefined) {
    throw new ApiError('not-found');
  }
  checkForm(vendor, wanted);
  return inTransaction(context.sql, (tx) => decide(tx, context, { vendor, caller, wanted }));
}

async function decide(
  tx: Transaction,
  { clock }: DispatchContext,
  { vendor, caller, wanted }: { vendor: VendorRow; caller: VendorCaller; wanted: FeeClaim },
): Promise<ClaimRow> {
  const { claimId, registrationId, month } = wanted;
  const registration = await lockRegistration(tx, { id: registrationId, vendorNumber: vendor.number });
  if (registration === undefined) {
    throw new ApiError('not-found', 'You have no registration with this id.');
  }
  const meanwhile = await findClaim(tx, claimId);
  if (meanwhile !== undefined) {
    return sameOrConflict(meanwhile, caller, wanted);
  }
  const work =
    month === undefined ? [] : await sumTerminalWork(tx, registration.terminalNumber, daysOf(month));
  const refusal = feeRefusal({
    month,
    registeredAt: registration.registeredAt,
    endedAt: registration.endedAt,
    unitsInMonth: unitsForLicense(work),
    wasClaimed: await isFeeClaimed(tx, { registrationId, month: month ?? null }),
  });
  const acceptedAt = clock.now();
  const amountMilli = refusal === undefined ? vendor.licenseFeeMilli : 0n;
  if (refusal === undefined) {
    await book(tx, { vendor, wanted, amountMilli, at: acceptedAt });
  }
  const inserted = await insertClaim(tx, {
    id: claimId,
    vendorNumber: vendor.number,
    kind: 'license-fee',
    registrationId,
    month: month ?? null,
    orderId: null,
    currency: vendor.licenseFeeCurrency,
    amountMilli,
    state: refusal === undefined ? 'accrued' : 'refused',
    refusalCode: refusal ?? null,
    acceptedAt,
  });
  const stored = await findClaim(tx, claimId);
  if (!inserted || stored === undefined) {
    throw new ApiError('idempotency-conflict', 'This claim id was used for another claim.');
  }
  return stored;
}

async function book(
  tx: Transaction,
  event: { vendor: VendorRow; wanted: FeeClaim; amountMilli: bigint; at: Date },
): Promise<void> {
  const { vendor, wanted, amountMilli, at } = event;
  const { registrationId, month } = wanted;
  const code = String(vendor.number);
  const postings = licenseFeeAccrued({
    vendor: code,
    net: amountMilli,
    tax: 0n,
    currency: vendor.licenseFeeCurrency,
  });
  if (postings.length === 0) {
    return;
  }
  const outcome = await post(tx, {
    idempotencyKey:
      month === undefined ? `license-fee:${registrationId}` : `license-month:${registrationId}:${month}`,
    event: 'license-fee',
    command: { vendor: code, registration: registrationId, month: month ?? null, amount: amountMilli },
    at,
    postings,
  });
  if (outcome.kind !== 'posted' || outcome.replayed) {
    throw new Error(
      `The license fee of registration ${registrationId} could not be booked: ${outcome.kind}.`,
    );
  }
}

function checkForm({ licenseFeeKind }: VendorRow, { month }: FeeClaim): void {
  if (licenseFeeKind === 'per-license-month' && month === undefined) {
    throw new ApiError('bad-request', 'Your contract pays by license-month: say which "month".');
  }
  if (licenseFeeKind === 'per-registration' && month !== undefined) {
    throw new ApiError('bad-request', 'Your contract pays once a registration: leave "month" out.');
  }
  if (month !== undefined && !/-(0[1-9]|1[0-2])$/.test(month)) {
    throw new ApiError('bad-request', 'A month is 01 to 12.');
  }
}

function sameOrConflict(known: ClaimRow, caller: VendorCaller, wanted: FeeClaim): ClaimRow {
  const isSame =
    known.vendorNumber === caller.vendorNumber &&
    known.registrationId === wanted.registrationId &&
    known.month === (wanted.month ?? null);
  if (!isSame) {
    throw new ApiError('idempotency-conflict', 'This claim id was used for another claim.');
  }
  return known;
}
