import type { Transaction } from '@taika/database/connect';
import type { HeldPart } from '@taika/ledger/events';
import { findHoldParts } from '@taika/ledger/hold-queries';
import type { HoldRow } from './hold-queries.ts';

/** What a hold took from each bucket, the one that expires first in front. */
export async function heldParts(
  tx: Transaction,
  { ledgerHoldId }: Pick<HoldRow, 'ledgerHoldId'>,
): Promise<readonly HeldPart[]> {
  const parts = await findHoldParts(tx, [ledgerHoldId]);
  return parts.map(({ code, amount }) => ({ account: code, amount }));
}

/**
 * The stretch of held points from the `from`th to the `to`th, in the order in which they are spent: a capture of n takes
 * those from 0 to n, and a refund the last of these, as if fewer had been captured. Pure.
 */
export function drawn(
  parts: readonly HeldPart[],
  { from, to }: { readonly from: bigint; readonly to: bigint },
): HeldPart[] {
  const stretch: HeldPart[] = [];
  let begin = 0n;
  for (const { account, amount } of parts) {
    const end = begin + amount;
    const first = begin > from ? begin : from;
    const last = end < to ? end : to;
    if (last > first) {
      stretch.push({ account, amount: last - first });
    }
    begin = end;
  }
  return stretch;
}
