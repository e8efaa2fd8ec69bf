import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { post } from '@taika/ledger/post';
import { orderRefunded } from '@taika/ledger/refund-events';
import { refundPoints } from '@taika/protocol/dispatch/money';
import type { OrderId, RefundId } from '@taika/protocol/schema';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import { insertRefundClaim } from '../claims/queries.ts';
import type { VendorContext } from '../context.ts';
import { isRefusal, reasonOfFailedStep } from '../dispatch-client.ts';
import { findOrder, lockOrder } from '../orders/queries.ts';
import { nextAttemptAt } from '../retry-later.ts';
import {
  findRefund,
  listDueRefunds,
  markDone,
  markRefused,
  markUnanswered,
  type RefundRow,
} from './queries.ts';

/**
 * Has the contractor give a refund's points back, and books it. The call is idempotent by the refund's id, so after a
 * crash anywhere it is simply done again. Gives the refund as it is afterwards.
 */
export async function settleRefund(context: VendorContext, refund: RefundRow): Promise<RefundRow> {
  const { sql, clock, random } = context;
  try {
    await giveBack(context, refund);
    await inTransaction(sql, (tx) => complete(tx, refund, clock.now()));
  } catch (error) {
    const reason = reasonOfFailedStep(context, error);
    if (isRefusal(error)) {
      await inTransaction(sql, (tx) => refuse(tx, { ...refund, now: clock.now(), reason }));
    } else {
      const at = nextAttemptAt(refund.attempts, clock.now(), random);
      await markUnanswered(sql, { id: refund.id, reason, nextAttemptAt: at });
    }
  }
  return (await findRefund(sql, refund.id)) ?? refund;
}

/** Refunds whose points the contractor has not given back yet. A step of a loop. */
export async function refundsStep(context: VendorContext): Promise<StepOutcome> {
  const due = await listDueRefunds(context.sql, context.clock.now(), batch);
  for (const refund of due) {
    await settleRefund(context, refund);
  }
  return due.length === batch ? 'again' : 'idle';
}

const batch = 50;

async function giveBack({ sql, dispatch }: VendorContext, refund: RefundRow): Promise<void> {
  const { id, orderId, pointsMilli, discountMilli } = refund;
  if (pointsMilli === 0n) {
    return;
  }
  const order = await findOrder(sql, orderId);
  const { worth } = await dispatch.call(refundPoints, {
    params: { refundId: id as RefundId },
    body: { orderId: orderId as OrderId, pointsMilli: String(pointsMilli) },
  });
  if (worth.currency !== order?.currency || BigInt(worth.amountMilli) !== discountMilli) {
    throw new Error(
      `The contractor takes back ${worth.amountMilli} thousandths of ${worth.currency} for the refund ${id}, not ${discountMilli} of ${order?.currency}.`,
    );
  }
  faultPoint('vendor.refund.answered');
}

/** The contractor refuses. */
async function refuse(tx: Transaction, refused: Parameters<typeof markRefused>[1]): Promise<void> {
  // Locked before the refund, as whoever asks for one does.
  await lockOrder(tx, refused.orderId);
  await markRefused(tx, refused);
}

/** The refund is done, booked and claimed in one transaction, once. */
async function complete(tx: Transaction, refund: RefundRow, now: Date): Promise<void> {
  const { id, orderId, amountMilli, discountMilli } = refund;
  // Locked before the refund, as whoever asks for one does.
  const order = await lockOrder(tx, orderId);
  if (order === undefined) {
    throw new Error(`The order ${orderId} is gone.`);
  }
  if (!(await markDone(tx, { ...refund, now }))) {
    return;
  }
  const { currency, memberId: member } = order;
  if (discountMilli > 0n) {
    await insertRefundClaim(tx, { id, orderId, currency, amountMilli: -discountMilli, now });
  }
  const outcome = await post(tx, {
    idempotencyKey: `order:${orderId}:refund:${id}`,
    event: 'order-refunded',
    command: { refund: id, order: orderId, member, currency, amount: amountMilli, discount: discountMilli },
    at: now,
    postings: orderRefunded({
      member,
      amount: amountMilli,
      // Orders are booked without tax, so that is how they are taken back.
      tax: 0n,
      discount: discountMilli,
      currency,
    }),
  });
  if (outcome.kind !== 'posted') {
    throw new Error(`The refund ${id} could not be booked: ${outcome.kind}.`);
  }
}
