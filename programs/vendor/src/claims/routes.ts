import { readPageRequest, toPage } from '@taika/http/page';
import { listVendorClaims, type VendorClaimText } from '@taika/protocol/vendor/services';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { type ClaimRow, listClaimRows } from './queries.ts';

/** What the contractor owes, as the vendor's own book has it (steps 211, 804). */
export function registerClaimRoutes(declare: VendorRouter, context: VendorContext): void {
  declare(listVendorClaims, async ({ query }) => {
    const page = readPageRequest(query);
    return toPage(await listClaimRows(context.sql, page), page, toClaimText);
  });
}

function toClaimText(claim: ClaimRow): VendorClaimText {
  const { id, kind, registrationId, month, orderId, currency, amountMilli, state, reason, at } = claim;
  const { evidence, evidenceSha256 } = claim;
  const registration =
    month === null ? `registration ${registrationId}` : `registration ${registrationId}, ${month}`;
  return {
    claimId: id,
    kind,
    subject: orderId === null ? registration : `order ${orderId}`,
    amount: { currency, amountMilli: String(amountMilli) },
    ...(evidence === null ? {} : { evidence }),
    ...(evidenceSha256 === null ? {} : { evidenceSha256 }),
    state,
    ...(reason === null ? {} : { reason }),
    at: at.toISOString(),
  };
}
