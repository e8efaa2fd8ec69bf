import { derivedId } from '@taika/crypto/derived-id';
import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { post } from '@taika/ledger/post';
import { orderCompleted } from '@taika/ledger/vendor-events';
import type { ReasonText } from '@taika/protocol/schema';
import { insertDiscountClaim } from '../claims/queries.ts';
import type { VendorContext } from '../context.ts';
import { afterOrderEvent, type OrderEvent, type OrderStep } from './order.ts';
import { lockOrder, type OrderChange, type OrderRow, updateOrder } from './queries.ts';

/** What comes with an event. */
export interface OrderFacts {
  readonly reason?: ReasonText;
  /** With `confirmed`: the member's signature. */
  readonly confirmation?: string;
  /** With `held`: when the dispatch server lets go of the points. */
  readonly heldUntil?: Date;
  /** With `lapsed`: until when the member can confirm again. */
  readonly askedUntil?: Date;
}

/**
 * Moves an order by an event, in one transaction with its postings and claim. Gives the order afterwards. An event that is
 * impossible in its state throws `wrong-state`, unless `ifPossible`: then nothing happens.
 */
export async function moveOrder(
  context: VendorContext,
  id: string,
  event: OrderEvent,
  facts: OrderFacts & { readonly ifPossible?: boolean } = {},
): Promise<OrderRow> {
  return inTransaction(context.sql, async (tx) => {
    const order = await lockOrder(tx, id);
    if (order === undefined) {
      throw new ApiError('not-found');
    }
    const step = afterOrderEvent(order.kind, order.state, event);
    if (step === undefined) {
      if (facts.ifPossible === true) {
        return order;
      }
      throw new ApiError(
        'wrong-state',
        `The ${order.kind} is ${order.state}: it cannot be ${event} any more.`,
        {
          extra: { state: order.state },
        },
      );
    }
    const now = context.clock.now();
    const change = changeOf(order, step, facts, now);
    await updateOrder(tx, change);
    if (change.state === 'completed') {
      await book(tx, { ...order, ...change }, now);
    }
    return { ...order, ...change };
  });
}

/** Pure: what an event makes of the row. */
function changeOf(order: OrderRow, { state, inMoney }: OrderStep, facts: OrderFacts, now: Date): OrderChange {
  const isOver = !['priced', 'awaiting-confirmation', 'confirmed'].includes(state);
  // A signature that can be redeemed no more is forgotten, and asked for again.
  const isAskedAgain = order.state === 'confirmed' && state === 'awaiting-confirmation';
  const expiresAt = isAskedAgain ? (facts.askedUntil ?? order.expiresAt) : untilOf(order, facts);
  // The dispatch server may hold points for it even where we never saw its answer.
  const releaseDue = isOver && order.pointsMilli > 0n && (state !== 'completed' || inMoney);
  return {
    id: order.id,
    state,
    reason: facts.reason ?? null,
    pointsMilli: inMoney ? 0n : order.pointsMilli,
    discountMilli: inMoney ? 0n : order.discountMilli,
    chargeMilli: inMoney ? order.priceMilli : order.chargeMilli,
    confirmation: isAskedAgain ? null : (facts.confirmation ?? order.confirmation),
    confirmedAt: isAskedAgain ? null : (order.confirmedAt ?? (facts.confirmation === undefined ? null : now)),
    expiresAt,
    endedAt: isOver ? now : null,
    releaseDue,
    nextAttemptAt: releaseDue || state === 'confirmed' ? now : isOver ? null : expiresAt,
  };
}

/** An order waits no longer than its points are held. */
function untilOf({ expiresAt }: OrderRow, { heldUntil }: OrderFacts): Date | null {
  return heldUntil !== undefined && expiresAt !== null && heldUntil < expiresAt ? heldUntil : expiresAt;
}

/** Step 804: the member owes the price less the discount, the contractor exactly the discount. */
async function book(tx: Transaction, order: OrderRow & OrderChange, at: Date): Promise<void> {
  const { id, memberId, currency, priceMilli, discountMilli } = order;
  if (discountMilli > 0n) {
    await insertDiscountClaim(tx, {
      id: derivedId(`discount:${id}`),
      orderId: id,
      currency,
      amountMilli: discountMilli,
      now: at,
    });
  }
  if (priceMilli === 0n) {
    return;
  }
  const outcome = await post(tx, {
    idempotencyKey: `order:${id}:complete`,
    event: 'order-completed',
    command: { order: id, member: memberId, currency, price: priceMilli, discount: discountMilli },
    at,
    postings: orderCompleted({
      member: memberId,
      price: priceMilli,
      tax: 0n,
      discount: discountMilli,
      currency,
    }),
  });
  if (outcome.kind !== 'posted') {
    throw new Error(`The order ${id} could not be booked: ${outcome.kind}.`);
  }
}
