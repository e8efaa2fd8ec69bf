import { accountCode } from '@taika/ledger/account';
import {
  evidenceClawedBack,
  type HeldPart,
  pointsClawedBack,
  pointsFinal,
  pointsForfeited,
  pointsPending,
  pointsServed,
} from '@taika/ledger/events';
import type { Posting } from '@taika/ledger/journal';
import type { PointsChange } from './earnings.ts';

/** What a member has at the moment of a batch, in thousandths of a point. */
export interface MemberStand {
  /** Taken back earlier and already spent then. */
  readonly debt: bigint;
  /** What can be taken back: the buckets, the one that expires first in front, without what checkouts hold. */
  readonly buckets: readonly HeldPart[];
  /** What can be taken back of evidence. */
  readonly evidence: bigint;
}

/** The postings of what a batch does to one member. Debts are settled by what became final; pure. */
export function memberPostings(
  change: PointsChange,
  { debt, buckets, evidence }: MemberStand,
  { member, month, currency }: { readonly member: string; readonly month: string; readonly currency: string },
): Posting[] {
  const debtRepaid = debt < change.final ? debt : change.final;
  // What this batch itself brings can be taken back too.
  const own = { account: accountCode.pointsOfMember(member, month), amount: change.final - debtRepaid };
  const there = evidence + change.evidence;
  const evidenceTaken = there < change.evidenceRecalled ? there : change.evidenceRecalled;
  // What was evidence when it was found wrong, and had become final as points to be spent, is taken from these too.
  const taken = takeFrom([...buckets, own], change.recalled + change.evidenceRecalled - evidenceTaken);
  return [
    ...pointsPending({ member, points: change.pending }),
    ...pointsFinal({ member, month, points: change.final, currency, debtRepaid }),
    ...pointsServed({ member, points: change.evidence }),
    ...pointsForfeited({ member, points: change.forfeited }),
    ...evidenceClawedBack({ member, points: evidenceTaken }),
    ...pointsClawedBack({ member, fromBuckets: taken.parts, debt: taken.rest, currency }),
  ];
}

/** Takes up to `wanted`, the first bucket first; `rest` is what was not there. Pure. */
export function takeFrom(
  buckets: readonly HeldPart[],
  wanted: bigint,
): { readonly parts: readonly HeldPart[]; readonly rest: bigint } {
  let rest = wanted;
  const parts: HeldPart[] = [];
  for (const { account, amount } of buckets) {
    const part = amount < rest ? amount : rest;
    if (part > 0n) {
      parts.push({ account, amount: part });
      rest -= part;
    }
  }
  return { parts, rest };
}
