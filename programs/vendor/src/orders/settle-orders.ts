import { capturePoints, holdPoints, releasePoints } from '@taika/protocol/dispatch/money';
import type { HoldId, OrderId, Pseudonym } from '@taika/protocol/schema';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { VendorContext } from '../context.ts';
import { isRefusal, reasonOfFailedStep, reasonOfFailure } from '../dispatch-client.ts';
import { nextAttemptAt } from '../retry-later.ts';
import { moveOrder } from './move-order.ts';
import { findOrder, listDueOrders, markFailedStep, markReleased, type OrderRow } from './queries.ts';

/**
 * Does what an order waits for between the two servers: to hold its points, to capture them, to give them back. Every call
 * is idempotent by the hold's id, so after a crash anywhere it is simply done again. Whatever fails, the order waits and the
 * next one has its turn. Gives the order as it is afterwards.
 */
export async function settleOrder(context: VendorContext, order: OrderRow): Promise<OrderRow> {
  const { sql, clock, random } = context;
  try {
    return await step(context, order);
  } catch (error) {
    const reason = reasonOfFailedStep(context, error);
    await markFailedStep(sql, {
      id: order.id,
      reason,
      nextAttemptAt: nextAttemptAt(order.attempts, clock.now(), random),
    });
    return (await findOrder(sql, order.id)) ?? order;
  }
}

function step(context: VendorContext, order: OrderRow): Promise<OrderRow> {
  if (order.releaseDue) {
    return release(context, order);
  }
  if (order.state === 'confirmed') {
    return capture(context, order);
  }
  if (order.expiresAt !== null && order.expiresAt <= context.clock.now()) {
    return moveOrder(context, order.id, 'overdue', { reason: overdue, ifPossible: true });
  }
  return order.state === 'priced' ? hold(context, order) : Promise.resolve(order);
}

async function hold(context: VendorContext, order: OrderRow): Promise<OrderRow> {
  const { id, kind, pointsMilli } = order;
  if (pointsMilli === 0n) {
    return moveOrder(context, id, 'no-points', { ifPossible: true });
  }
  if (kind === 'usage') {
    // A bill waits for weeks, and no contractor holds points so long: they are held when the member confirms.
    return moveOrder(context, id, 'held', { ifPossible: true });
  }
  try {
    const heldUntil = await holdNow(context, order);
    faultPoint('vendor.order.held');
    const moved = await moveOrder(context, id, 'held', { heldUntil, ifPossible: true });
    // It ended while we asked, and what was given back then was not held yet.
    return moved.endedAt === null ? moved : await release(context, moved);
  } catch (error) {
    return refusedOrThrow(context, id, error);
  }
}

/** Has the points held; gives until when. */
async function holdNow(
  { dispatch }: VendorContext,
  { id, memberId, holdId, pointsMilli, discountMilli, currency }: OrderRow,
): Promise<Date> {
  const held = await dispatch.call(holdPoints, {
    params: { holdId: holdId as HoldId },
    body: { pseudonym: memberId as Pseudonym, orderId: id as OrderId, pointsMilli: String(pointsMilli) },
  });
  if (held.worth.currency !== currency || BigInt(held.worth.amountMilli) !== discountMilli) {
    throw new OtherWorthError(
      `The contractor gives ${held.worth.amountMilli} thousandths of ${held.worth.currency} for the points, and the order counts on ${discountMilli} of ${currency}.`,
    );
  }
  return new Date(held.expiresAt);
}

/** The contractor's points are worth something else than the order says, which no repetition mends. */
class OtherWorthError extends Error {
  override readonly name = 'OtherWorthError';
}

async function capture(context: VendorContext, order: OrderRow): Promise<OrderRow> {
  const { id, kind, holdId, confirmation, pointsMilli } = order;
  if (confirmation === null) {
    throw new Error(`The order ${id} is confirmed without a confirmation.`);
  }
  try {
    if (kind === 'usage') {
      await holdNow(context, order);
    }
    const captured = await context.dispatch.call(capturePoints, {
      params: { holdId: holdId as HoldId },
      body: { confirmation },
    });
    if (captured.state !== 'captured' || BigInt(captured.capturedMilli) !== pointsMilli) {
      throw new Error(
        `The hold of the order ${id} is ${captured.state} with ${captured.capturedMilli} points.`,
      );
    }
    faultPoint('vendor.order.captured');
    return await moveOrder(context, id, 'captured', { ifPossible: true });
  } catch (error) {
    return refusedOrThrow(context, id, error);
  }
}

async function release(context: VendorContext, order: OrderRow): Promise<OrderRow> {
  const { id, holdId } = order;
  try {
    await context.dispatch.call(releasePoints, { params: { holdId: holdId as HoldId } });
  } catch (error) {
    // It never heard of the hold, or the hold is over by itself: there is nothing left to give back.
    if (!isRefusal(error)) {
      throw error;
    }
  }
  await markReleased(context.sql, id);
  return (await findOrder(context.sql, id)) ?? order;
}

function refusedOrThrow(context: VendorContext, id: string, error: unknown): Promise<OrderRow> {
  if (error instanceof OtherWorthError) {
    const remedy = 'Nothing was spent. Order again without points, or in the currency of the points.';
    const reason = { code: 'other-worth', sentence: error.message, remedy };
    return moveOrder(context, id, 'points-refused', { reason, ifPossible: true });
  }
  if (!isRefusal(error)) {
    throw error;
  }
  return moveOrder(context, id, 'points-refused', { reason: reasonOfFailure(error), ifPossible: true });
}

const overdue = {
  code: 'not-confirmed',
  sentence: 'The member did not confirm in time.',
  remedy: 'Order again; a usage bill is charged in money.',
};

/** One step of the loop that finishes orders. */
export async function ordersStep(context: VendorContext): Promise<StepOutcome> {
  const due = await listDueOrders(context.sql, context.clock.now(), batch);
  for (const order of due) {
    await settleOrder(context, order);
  }
  return due.length === batch ? 'again' : 'idle';
}

const batch = 50;
