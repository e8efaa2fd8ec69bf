import { canonicalJson } from '@taika/crypto/canonical-json';
import { sha256HexSync } from '@taika/crypto/node-digest';
import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { licenseFeeAccrued } from '@taika/ledger/events';
import { post } from '@taika/ledger/post';
import { commonHours, countHours, type LicenseEvidenceText, noHours } from '@taika/protocol/license-evidence';
import type { RegistrationId } from '@taika/protocol/schema';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { evidenceOfMonth, unitsForLicense } from '../receipts/evidence.ts';
import { readHours, sumRegistrationWork, type WorkSum } from '../receipts/queries.ts';
import { type FeeTerms, termsOf } from '../vendors/license-fee.ts';
import { monthOf } from '../vendors/license-terms.ts';
import { findProductTerms, findVendor, type VendorRow } from '../vendors/queries.ts';
import {
  type ClaimedRegistration,
  type ClaimRow,
  findClaim,
  insertClaim,
  isMonthClaimed,
  isRegistrationClaimed,
  lockMonths,
  lockRegistration,
} from './claim-queries.ts';
import { daysOf, feeRefusal } from './fee.ts';

/** What a vendor claims (step 211). */
export interface FeeClaim {
  readonly claimId: string;
  readonly registrationId: string;
  readonly month?: string | undefined;
  /** With a month: the hours that the vendor's grants served. */
  readonly hours?: string | undefined;
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
  const ofMonth = month ?? monthOf(registration.registeredAt);
  const terms = await findTerms(tx, vendor, { product: registration.product, month: ofMonth });
  checkForm(terms, wanted, ofMonth);
  const acceptedAt = clock.now();
  checkMonthIsOver(terms, wanted, acceptedAt);
  if (month !== undefined) {
    await lockMonths(tx, vendor.number, registration);
  }
  const work = month === undefined ? [] : await sumRegistrationWork(tx, registrationId, daysOf(month));
  const evidence =
    month === undefined ? undefined : await evidenceFor(tx, { ...wanted, month, registration, work });
  const refusal = feeRefusal({
    month,
    registeredAt: registration.registeredAt,
    endedAt: registration.endedAt,
    unitsInMonth: unitsForLicense(work),
    pointsMilli: BigInt(evidence?.pointsMilli ?? 0),
    leaseHours: countHours(evidence?.hours ?? noHours),
    minimum: { pointsMilli: terms.pointsMilliMin, leaseHours: terms.hoursMin },
    wasClaimed:
      month === undefined
        ? await isRegistrationClaimed(tx, registrationId)
        : await isMonthClaimed(tx, { vendorNumber: vendor.number, ...registration, month }),
  });
  const amountMilli = refusal === undefined ? terms.feeMilli : 0n;
  const evidenceSha256 = evidence === undefined ? null : sha256HexSync(canonicalJson(evidence));
  if (refusal === undefined) {
    await book(tx, { vendor, wanted, amountMilli, evidenceSha256, at: acceptedAt });
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
    taxBasisPoints: terms.taxBasisPoints,
    once: month === undefined ? undefined : registration,
    evidence: evidence ?? null,
    evidenceSha256,
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
  event: {
    vendor: VendorRow;
    wanted: FeeClaim;
    amountMilli: bigint;
    evidenceSha256: string | null;
    at: Date;
  },
): Promise<void> {
  const { vendor, wanted, amountMilli, evidenceSha256, at } = event;
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
    command: {
      vendor: code,
      registration: registrationId,
      month: month ?? null,
      amount: amountMilli,
      // The chain seals what the fee was decided on.
      ...(evidenceSha256 === null ? {} : { evidence: evidenceSha256 }),
    },
    at,
    postings,
  });
  if (outcome.kind !== 'posted' || outcome.replayed) {
    throw new Error(
      `The license fee of registration ${registrationId} could not be booked: ${outcome.kind}.`,
    );
  }
}

/** A product's own terms in the month of the fee or of the registration, else the vendor's. */
async function findTerms(
  tx: Transaction,
  vendor: VendorRow,
  of: { readonly product: string; readonly month: string },
): Promise<FeeTerms> {
  return (await findProductTerms(tx, { vendorNumber: vendor.number, ...of })) ?? termsOf(vendor);
}

/** Hours count that both sides have: a grant of the vendor's, and the receipt that it rests on. */
async function evidenceFor(
  tx: Transaction,
  {
    registrationId,
    month,
    hours,
    registration,
    work,
  }: FeeClaim & {
    readonly month: string;
    readonly registration: ClaimedRegistration;
    readonly work: readonly WorkSum[];
  },
): Promise<LicenseEvidenceText> {
  const noted = await readHours(tx, { registrationId, month });
  return {
    registrationId: registrationId as RegistrationId,
    product: registration.product,
    month,
    hours: hours === undefined ? noted : commonHours(hours, noted),
    pointsMilli: String(evidenceOfMonth(work)),
  };
}

/** Before its end a month may still reach the minimum, and an answer is for ever. */
function checkMonthIsOver({ pointsMilliMin, hoursMin }: FeeTerms, { month }: FeeClaim, now: Date): void {
  const hasMinimum = pointsMilliMin > 0n || hoursMin > 0;
  if (hasMinimum && month !== undefined && now < new Date(daysOf(month).before)) {
    throw new ApiError(
      'wrong-state',
      `${month} is not over: the contract’s minimum is judged after its end.`,
    );
  }
}

/** By the terms of a month a registration that began in it is paid for, or the month, never both. */
function checkForm({ kind }: FeeTerms, { month }: FeeClaim, ofMonth: string): void {
  if (kind === 'per-license-month' && month === undefined) {
    throw new ApiError(
      'bad-request',
      `For registrations of ${ofMonth} your contract pays by license-month: say which "month".`,
    );
  }
  if (kind === 'per-registration' && month !== undefined) {
    throw new ApiError(
      'bad-request',
      `In ${ofMonth} your contract pays once a registration, for those that began then: leave "month" out.`,
    );
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
