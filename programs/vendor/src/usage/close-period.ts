import { derivedId } from '@taika/crypto/derived-id';
import { sha256HexSync } from '@taika/crypto/node-digest';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { VendorContext } from '../context.ts';
import { pointsMax, sumOfLines, takeOff } from '../orders/price.ts';
import { insertOrder, listBills, type OrderRow } from '../orders/queries.ts';
import { settleOrder } from '../orders/settle-orders.ts';
import { readPoints, readPointsCurrency } from '../services/read-points.ts';
import { periodOf } from './period.ts';
import { insertClose, lockPriceForClosing, sumUnbilledUsage, type UsageSum } from './queries.ts';

/**
 * Closes a period: from now on uses count in the next one. Then bills each member who used the service and has no bill yet,
 * with as many points taken off as there are (801 to 802): a bill with points waits for the member's confirmation and is
 * charged in money without it. A repeated call goes on where one stopped. Gives all bills of the period.
 */
export async function closePeriod(
  context: VendorContext,
  product: string,
  period: string,
): Promise<readonly OrderRow[]> {
  if (period > periodOf(context.clock.now())) {
    throw new ApiError('wrong-state', `The period ${period} has not begun yet.`);
  }
  const { description } = await close(context, product, period);
  for (const [memberId, sums] of byMember(await sumUnbilledUsage(context.sql, product, period))) {
    await bill(context, { product, period, memberId, description, sums });
  }
  for (const order of await listBills(context.sql, product, period)) {
    if (order.state === 'priced') {
      await settleOrder(context, order);
    }
  }
  return listBills(context.sql, product, period);
}

function close(context: VendorContext, product: string, period: string) {
  return inTransaction(context.sql, async (tx) => {
    const price = await lockPriceForClosing(tx, product);
    if (price === undefined) {
      throw new ApiError(
        'wrong-state',
        `No price is set for one use of "${product}", so nothing was counted.`,
      );
    }
    await insertClose(tx, product, period, context.clock.now());
    return price;
  });
}

async function bill(
  context: VendorContext,
  {
    product,
    period,
    memberId,
    description,
    sums,
  }: {
    readonly product: string;
    readonly period: string;
    readonly memberId: string;
    readonly description: string;
    readonly sums: readonly UsageSum[];
  },
): Promise<void> {
  const lines = sums.map(({ currency, unitMilli, quantity }) => ({
    description: `${description}, ${period}`,
    quantity: Number(quantity),
    unitPrice: { currency, amountMilli: String(unitMilli) },
  }));
  const priced = sumOfLines(lines);
  const price = takeOff(await pointsFor(context, memberId, priced), priced);
  const event = `usage:${context.identity.vendorId}:${product}:${period}:${memberId}`;
  const id = derivedId(event);
  const createdAt = context.clock.now();
  const expiresAt = new Date(createdAt.getTime() + context.usageBillValidMs);
  const order = {
    id,
    product,
    memberId,
    kind: 'usage' as const,
    requestHash: sha256HexSync(event),
    lines,
    period,
  };
  await inTransaction(context.sql, (tx) =>
    insertOrder(tx, { ...order, ...price, holdId: derivedId(`hold:${event}`), createdAt, expiresAt }),
  );
}

/** As many points as can be taken off; none of a price that was set in a currency in which points are worth nothing. */
async function pointsFor(
  context: VendorContext,
  memberId: string,
  priced: { readonly currency: string; readonly priceMilli: bigint },
): Promise<bigint> {
  if (priced.currency !== (await readPointsCurrency(context))) {
    return 0n;
  }
  const { availableMilli } = await readPoints(context, memberId);
  return pointsMax(BigInt(availableMilli), priced);
}

function byMember(sums: readonly UsageSum[]): Map<string, UsageSum[]> {
  const members = new Map<string, UsageSum[]>();
  for (const sum of sums) {
    members.set(sum.memberId, [...(members.get(sum.memberId) ?? []), sum]);
  }
  return members;
}
