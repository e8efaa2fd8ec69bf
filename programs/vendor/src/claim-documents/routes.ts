import { listClaimDocuments, readClaimDocumentFile } from '@taika/protocol/dispatch/claim-documents';
import {
  disputeEvent as disputeRoute,
  listReceivedClaims,
  readReceivedClaimFile,
  recordContractorPayment as recordRoute,
} from '@taika/protocol/vendor/claim-documents';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { upstreamError } from '../dispatch-client.ts';
import { disputeEvent } from './dispute-event.ts';
import { recordContractorPayment } from './record-payment.ts';

/** Self-billed claims as the contractor has them, and the operator's disputes. */
export function registerClaimDocumentRoutes(declare: VendorRouter, context: VendorContext): void {
  const { dispatch } = context;
  const passOn = (error: unknown) => {
    throw upstreamError(error);
  };

  declare(listReceivedClaims, ({ query }) => dispatch.call(listClaimDocuments, { query }).catch(passOn));

  declare(readReceivedClaimFile, async ({ params, query, reply, signal }) => {
    const file = await dispatch.open(readClaimDocumentFile, { params, query, signal }).catch(passOn);
    for (const name of ['content-type', 'content-disposition']) {
      reply.header(name, file.headers.get(name) ?? '');
    }
    return reply.send(Buffer.from(await file.arrayBuffer()));
  });

  declare(recordRoute, async ({ params: { paymentId }, body: { amount, reference } }) => {
    const { currency } = amount;
    const amountMilli = BigInt(amount.amountMilli);
    const isNew = await recordContractorPayment(context, { paymentId, currency, amountMilli, reference });
    return { paymentId, amount: { currency, amountMilli }, reference, bookedBefore: !isNew };
  });

  declare(disputeRoute, ({ params: { event }, body: { reason } }) =>
    disputeEvent(context, { event, reason }),
  );
}
