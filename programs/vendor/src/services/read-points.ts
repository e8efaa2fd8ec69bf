import { readMemberPoints } from '@taika/protocol/dispatch/money';
import { readVendor } from '@taika/protocol/dispatch/parties';
import type { ReplyOf } from '@taika/protocol/route';
import type { Pseudonym } from '@taika/protocol/schema';
import type { VendorContext } from '../context.ts';
import { upstreamError } from '../dispatch-client.ts';

/** A member's points, asked of the dispatch server (801 to 802). Throws `upstream-unreachable`. */
export async function readPoints(
  { dispatch }: VendorContext,
  memberId: string,
): Promise<ReplyOf<typeof readMemberPoints>> {
  try {
    return await dispatch.call(readMemberPoints, { params: { pseudonym: memberId as Pseudonym } });
  } catch (error) {
    throw upstreamError(error);
  }
}

/** What was read of each server's contractor: its currency is chosen once and never changes. */
const currencies = new WeakMap<VendorContext, string>();

/** The currency in which points are worth something: that of the contractor's book. Throws `upstream-unreachable`. */
export async function readPointsCurrency(context: VendorContext): Promise<string> {
  const known = currencies.get(context);
  if (known !== undefined) {
    return known;
  }
  try {
    const { currency } = (await context.dispatch.call(readVendor)).licenseFee.fee;
    currencies.set(context, currency);
    return currency;
  } catch (error) {
    throw upstreamError(error);
  }
}
