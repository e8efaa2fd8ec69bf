import { capturePoints, holdPoints, releasePoints } from '@taika/protocol/dispatch/money';
import type { HoldId, OrderId, Pseudonym } from '@taika/protocol/schema';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { VendorContext } from '../context.ts';
import { isRefusal, reasonOfFailure } from '../dispatch-client.ts';
import { nextAttemptAt } from '../retry-later.ts';
import { moveOrder } from './move-order.ts';
import { findOrder, listDueOrders, markFailedStep, markReleased, type OrderRow } from './queries.ts';

/**
 * Does what an order waits for between the two servers: to hold its points, to capture them, to give them back. Every call
 * is idempotent by the hold's id, so after a crash anywhere it is simply done again. Gives the order as it is afterwards.
 */
export async function settleOrder(context: VendorContext, order: OrderRow): Promise<OrderRow> {
  const { sql, clock, random } = context;
  try {
    return await step(context, order);
  } catch (error) {
    const reason = reasonOfFailure(error);
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
  const { id, memberId, holdId, pointsMilli, discountMilli, currency } = order;
  if (pointsMilli === 0n) {
    return moveOrder(context, id, 'no-points', { ifPossible: true });
  }
  try {
    const held = await context.dispatch.call(holdPoints, {
      params: { holdId: holdId as HoldId },
      body: { pseudonym: memberId as Pseudonym, orderId: id as OrderId, pointsMilli: String(pointsMilli) },
    });
    if (held.worth.currency !== currency || BigInt(held.worth.amountMilli) !== discountMilli) {
      throw new Error(
        `The contractor gives ${held.worth.amountMilli} ${held.worth.currency} for the order ${id}.`,
      );
    }
    faultPoint('vendor.order.held');
    const moved = await moveOrder(context, id, 'held', {
      heldUntil: new Date(held.expiresAt),
      ifPossible: true,
    });
    // It ended while we asked, and what was given back then was not held yet.
    return moved.endedAt === null ? moved : await release(context, moved);
  } catch (error) {
    return refusedOrThrow(context, id, error);
  }
}

async function capture(context: VendorContext, order: OrderRow): Promise<OrderRow> {
  const { id, holdId, confirmation, pointsMilli } = order;
  if (confirmation === null) {
    throw new Error(`The order ${id} is confirmed without a confirmation.`);
  }
  try {
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
