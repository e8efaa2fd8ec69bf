import { dayMs, dayOf, startOfDay, stateAfterMs } from '@taika/books/statements/statement-books';
import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import type { Party } from '@taika/documents/document';
import { ApiError } from '@taika/http/api-error';
import { formatDocumentNumber, nextDocumentNumber } from '@taika/ledger/document-number';
import { invoiceTotals } from '@taika/ledger/tax';
import { uuidv7 } from '@taika/runtime/identifiers';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { contractorParty } from '../documents/parties.ts';
import { insertDocumentParties } from '../documents/queries.ts';
import { findVendor } from '../vendors/queries.ts';
import {
  type ClaimDocumentRow,
  findClaimDocument,
  findStatedParty,
  findVendorToDocument,
  insertClaimDocument,
  listUndocumentedClaims,
  lockVendorClaims,
  type UndocumentedClaim,
} from './queries.ts';

/** What a document is wanted for. */
export interface WantedClaimDocument {
  readonly documentId: string;
  readonly vendorId: string;
  /** The last day whose claims it takes. */
  readonly to: string;
}

/** More lines than a person reads; the rest comes in the next document. */
const linesMax = { claims: 1_500, refunds: 500 };

/**
 * All claims, and of the refunds as many as they pay for: a claim is for money to be paid, never below zero. The others wait for
 * the next document. Pure.
 */
export function fitting<Claim extends Pick<UndocumentedClaim, 'amountMilli'>>(
  claims: readonly Claim[],
): Claim[] {
  let left = claims.reduce((sum, { amountMilli }) => (amountMilli > 0n ? sum + amountMilli : sum), 0n);
  return claims.filter(({ amountMilli }) => {
    const fits = amountMilli > 0n || left + amountMilli >= 0n;
    if (amountMilli < 0n && fits) {
      left += amountMilli;
    }
    return fits;
  });
}

/** Gapless for the contractor, by year. */
const series = { issuer: 'contractor', series: 'SBC' } as const;

/** After each month: one document for each vendor with claims of the months before. A step of a loop. */
export async function prepareDueClaimDocumentsStep(context: DispatchContext): Promise<StepOutcome> {
  const { sql, clock, random } = context;
  const now = new Date(clock.now().getTime() - stateAfterMs);
  const monthBegan = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
  const vendor = await findVendorToDocument(sql, monthBegan);
  if (vendor === undefined) {
    return 'idle';
  }
  const to = dayOf(new Date(monthBegan.getTime() - dayMs));
  await prepareClaimDocument(context, { documentId: uuidv7(clock.now(), random), vendorId: vendor.id, to });
  return 'again';
}

/**
 * Prepares a document of all claims up to a day that no document has, and keeps the names of both parties with it. The same id
 * gives the same document. Throws `wrong-state` where nothing is to be claimed, or the day is not over.
 */
export async function prepareClaimDocument(
  context: DispatchContext,
  wanted: WantedClaimDocument,
): Promise<ClaimDocumentRow> {
  const { sql, clock } = context;
  const { documentId, vendorId, to } = wanted;
  const vendor = await findVendor(sql, vendorId);
  if (vendor === undefined) {
    throw new ApiError('not-found', 'There is no vendor with this id.');
  }
  const before = new Date(startOfDay(to).getTime() + dayMs);
  if (Number.isNaN(before.getTime()) || clock.now() < before) {
    throw new ApiError('wrong-state', `${to} is not over.`);
  }
  await inTransaction(sql, async (tx) => {
    await lockVendorClaims(tx, vendor.number);
    const known = await findClaimDocument(tx, { id: documentId });
    if (known === undefined) {
      await prepare(tx, context, { documentId, vendor, to, before });
    } else if (known.vendorId !== vendorId || known.upTo !== to) {
      throw new ApiError('idempotency-conflict', 'This id was used for another document.');
    }
  });
  const document = await findClaimDocument(sql, { id: documentId });
  if (document === undefined) {
    throw new Error(`The document ${documentId} was not stored.`);
  }
  return document;
}

async function prepare(
  tx: Transaction,
  { clock, contractor }: DispatchContext,
  wanted: {
    readonly documentId: string;
    readonly vendor: { readonly id: string; readonly number: bigint; readonly name: string };
    readonly to: string;
    readonly before: Date;
  },
): Promise<void> {
  const { documentId, vendor, to, before } = wanted;
  const claims = fitting(await listUndocumentedClaims(tx, { vendorNumber: vendor.number, before, linesMax }));
  const first = claims.find(({ amountMilli }) => amountMilli > 0n);
  if (first === undefined) {
    throw new ApiError('wrong-state', `Nothing up to ${to} is without a document.`);
  }
  const { net, tax, total } = invoiceTotals(
    claims.map(({ amountMilli, taxBasisPoints }) => ({
      amount: amountMilli,
      rateBasisPoints: taxBasisPoints,
    })),
  );
  const days = claims.map(({ on }) => on).sort();
  const issuedAt = clock.now();
  const seller: Party = {
    id: vendor.id,
    name: vendor.name,
    country: contractor.country,
    ...(await findStatedParty(tx, vendor.id)),
  };
  await insertDocumentParties(tx, { documentId, seller, buyer: contractorParty(contractor) });
  // Last, because the series is locked from here to the commit.
  const year = issuedAt.getUTCFullYear();
  const documentNumber = formatDocumentNumber(
    { ...series, year },
    await nextDocumentNumber(tx, { ...series, year }),
  );
  await insertClaimDocument(tx, {
    id: documentId,
    documentNumber,
    vendorNumber: vendor.number,
    issuedAt,
    upTo: to,
    periodFrom: days[0] ?? to,
    periodTo: to,
    currency: first.currency,
    netMilli: net,
    taxMilli: tax,
    totalMilli: total,
    claimNumbers: claims.map(({ claimNumber }) => claimNumber),
  });
}
