import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { vendorPaid } from '@taika/ledger/events';
import { post } from '@taika/ledger/post';
import type { DispatchContext } from '../context.ts';
import { findVendor } from '../vendors/queries.ts';
import { insertVendorPayment, lockVendorClaims } from './queries.ts';

/** A payment to a vendor, as the bank has it. */
export interface VendorPayment {
  readonly paymentId: string;
  readonly vendorId: string;
  readonly currency: string;
  readonly amountMilli: bigint;
  readonly reference: string;
}

/**
 * Books a payment once; false where it was booked before. Throws `wrong-state` where it is more than what is invoiced: nothing
 * is stored then, so that the same payment can be booked once its claim is confirmed.
 */
export async function payVendor({ sql, clock }: DispatchContext, payment: VendorPayment): Promise<boolean> {
  const { paymentId, vendorId, currency, amountMilli, reference } = payment;
  const vendor = await findVendor(sql, vendorId);
  if (vendor === undefined) {
    throw new ApiError('not-found', 'There is no vendor with this id.');
  }
  if (amountMilli <= 0n || amountMilli >= 2n ** 63n || currency !== vendor.licenseFeeCurrency) {
    throw new ApiError('bad-request', `A payment is an amount of ${vendor.licenseFeeCurrency} above zero.`);
  }
  return inTransaction(sql, async (tx) => {
    // Refunds are set off against what is invoiced: neither changes while the other is read.
    await lockVendorClaims(tx, vendor.number);
    const at = clock.now();
    const outcome = await post(tx, {
      idempotencyKey: `vendor-paid:${paymentId}`,
      event: 'vendor-paid',
      command: { vendor: String(vendor.number), currency, amount: amountMilli, reference },
      at,
      postings: vendorPaid({ vendor: String(vendor.number), amount: amountMilli, currency }),
    });
    if (outcome.kind === 'refused') {
      throw new ApiError(
        'wrong-state',
        'That is more than what is invoiced. Book it when the claims that it is for are confirmed: `taika books claims`.',
      );
    }
    if (outcome.kind === 'idempotency-conflict') {
      throw new ApiError('idempotency-conflict', 'This id was used for another payment.');
    }
    if (outcome.replayed) {
      return false;
    }
    await insertVendorPayment(tx, {
      paymentId,
      vendorNumber: vendor.number,
      currency,
      amountMilli,
      reference,
      at,
    });
    return true;
  });
}
