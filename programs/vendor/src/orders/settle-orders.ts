import type { RemoteError } from '@taika/http/call';
import { capturePoints, holdPoints, releasePoints } from '@taika/protocol/dispatch/money';
import type { ReplyOf } from '@taika/protocol/route';
import type { HoldId, OrderId, Pseudonym, ReasonText } from '@taika/protocol/schema';
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
  const { id, kind, confirmation, pointsMilli } = order;
  if (confirmation === null) {
    throw new Error(`The order ${id} is confirmed without a confirmation.`);
  }
  try {
    if (kind === 'usage') {
      await holdNow(context, order);
    }
    const captured = await captureNow(context, order, confirmation);
    if (captured.state !== 'captured' || BigInt(captured.capturedMilli) !== pointsMilli) {
      throw new Error(
        `The hold of the order ${id} is ${captured.state} with ${captured.capturedMilli} points.`,
      );
    }
    faultPoint('vendor.order.captured');
    return await moveOrder(context, id, 'captured', { ifPossible: true });
  } catch (error) {
    if (kind === 'usage' && isLapsed(error, order, context.clock.now())) {
      const askedUntil = new Date(context.clock.now().getTime() + context.usageBillValidMs);
      return moveOrder(context, id, 'lapsed', {
        reason: lapsed(error.message),
        askedUntil,
        ifPossible: true,
      });
    }
    return refusedOrThrow(context, id, error);
  }
}

/** Captures held points. Where their hold is over, because a server was away, they are held once more first. */
async function captureNow(
  context: VendorContext,
  order: OrderRow,
  confirmation: string,
): Promise<ReplyOf<typeof capturePoints>> {
  const captureOnce = () =>
    context.dispatch.call(capturePoints, {
      params: { holdId: order.holdId as HoldId },
      body: { confirmation },
    });
  try {
    return await captureOnce();
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'wrong-state') {
      throw error;
    }
    await holdNow(context, order);
    return captureOnce();
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

/** The contractor takes a signature no more that it would have taken at first: that is an outage's fault, and not the member's. */
function isLapsed(error: unknown, { confirmedAt }: OrderRow, now: Date): error is RemoteError {
  const waitedMs = confirmedAt === null ? 0 : now.getTime() - confirmedAt.getTime();
  return isRefusal(error) && error.code === 'confirmation-refused' && waitedMs >= lapsesAfterMs;
}

/** As long as an agent's signature says that it is for; earlier refusals are about something else. */
const lapsesAfterMs = 5 * 60_000;

/** What a member is told whose yes could not be redeemed. */
function lapsed(why: string): ReasonText {
  return {
    code: 'confirmation-lapsed',
    sentence: `Your confirmation could not be redeemed: ${why} Nothing was spent or charged.`,
    remedy: 'Confirm the bill again; it is charged in money only if you do not.',
  };
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
