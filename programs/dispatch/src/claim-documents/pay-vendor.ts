import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { vendorPaid } from '@taika/ledger/events';
import { post } from '@taika/ledger/post';
import type { DispatchContext } from '../context.ts';
import { findVendor } from '../vendors/queries.ts';
import { lockVendorClaims } from './queries.ts';

/** A payment to a vendor, as the bank has it. */
export interface VendorPayment {
  readonly paymentId: string;
  readonly vendorId: string;
  readonly currency: string;
  readonly amountMilli: bigint;
  readonly reference: string;
}

/** Books a payment once. Throws `wrong-state` where it is more than what is invoiced; that id stays refused. */
export async function payVendor({ sql, clock }: DispatchContext, payment: VendorPayment): Promise<void> {
  const { paymentId, vendorId, currency, amountMilli, reference } = payment;
  const vendor = await findVendor(sql, vendorId);
  if (vendor === undefined) {
    throw new ApiError('not-found', 'There is no vendor with this id.');
  }
  if (amountMilli <= 0n || amountMilli >= 2n ** 63n || currency !== vendor.licenseFeeCurrency) {
    throw new ApiError('bad-request', `A payment is an amount of ${vendor.licenseFeeCurrency} above zero.`);
  }
  const outcome = await inTransaction(sql, async (tx) => {
    // Refunds are set off against what is invoiced: neither changes while the other is read.
    await lockVendorClaims(tx, vendor.number);
    return post(tx, {
      idempotencyKey: `vendor-paid:${paymentId}`,
      event: 'vendor-paid',
      command: { vendor: String(vendor.number), currency, amount: amountMilli, reference },
      at: clock.now(),
      postings: vendorPaid({ vendor: String(vendor.number), amount: amountMilli, currency }),
    });
  });
  if (outcome.kind === 'refused') {
    throw new ApiError(
      'wrong-state',
      'That is more than what is invoiced. Take another id for another amount.',
    );
  }
  if (outcome.kind === 'idempotency-conflict') {
    throw new ApiError('idempotency-conflict', 'This id was used for another payment.');
  }
}
