import { readMemberPoints } from '@taika/protocol/dispatch/money';
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
