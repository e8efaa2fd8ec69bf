import { recordMemberPayment as recordRoute } from '@taika/protocol/vendor/member-payments';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { recordMemberPayment } from './record-member-payment.ts';

/** What members paid for their orders, as the operator says. */
export function registerMemberPaymentRoutes(declare: VendorRouter, context: VendorContext): void {
  declare(recordRoute, async ({ params: { paymentId }, body }) => {
    const { memberId, direction, reference, amount } = body;
    const { currency } = amount;
    const amountMilli = BigInt(amount.amountMilli);
    const { owedMilli, bookedBefore } = await recordMemberPayment(context, {
      paymentId,
      memberId,
      direction,
      currency,
      amountMilli,
      reference,
    });
    return {
      paymentId,
      memberId,
      direction,
      reference,
      amount: { currency, amountMilli },
      owed: { currency, amountMilli: owedMilli },
      bookedBefore,
    };
  });
}
