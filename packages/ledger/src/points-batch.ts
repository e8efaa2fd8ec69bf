import { pointsFinal, pointsForfeited, pointsPending } from './events.ts';
import type { Posting } from './journal.ts';
import type { Currency } from './money.ts';
import type { PostCommand } from './post.ts';

/**
 * What the hot path writes instead of a journal, in the transaction of its event. `pending`: a result was accepted.
 * `final`: it is accepted for good. `forfeited`: it was found wrong before that.
 */
export type PointsEntry = Readonly<{
  id: bigint;
  member: string;
  kind: 'pending' | 'final' | 'forfeited';
  /** Positive, at scale 3. */
  points: bigint;
}>;

/**
 * The journals for a batch of entries: one per member and kind, keyed by the range of entries in it, so a batch that is
 * repeated after a crash is booked once. The caller marks the entries as journalled in the same transaction, and takes
 * them in the order of ids, or a final entry might come before the pending one that it draws on.
 */
export function journalsOfEntries(
  entries: readonly PointsEntry[],
  { at, month, currency }: { at: Date; month: string; currency: Currency },
): PostCommand[] {
  const groups = new Map<string, PointsEntry[]>();
  for (const kind of KINDS_IN_ORDER) {
    for (const entry of entries) {
      if (entry.kind !== kind || entry.points === 0n) continue;
      const name = `${kind} ${entry.member}`;
      const group = groups.get(name);
      if (group) group.push(entry);
      else groups.set(name, [entry]);
    }
  }
  return [...groups.values()].map((group) => journalOfGroup(group, { at, month, currency }));
}

/** Points must be in escrow before anything can be done with them. */
const KINDS_IN_ORDER = ['pending', 'final', 'forfeited'] as const;

function journalOfGroup(
  group: readonly PointsEntry[],
  { at, month, currency }: { at: Date; month: string; currency: Currency },
): PostCommand {
  const [first] = group;
  const last = group.at(-1);
  if (!first || !last) throw new Error('A group of entries is never empty.');
  const { member, kind } = first;
  const points = group.reduce((sum, entry) => sum + entry.points, 0n);
  return {
    idempotencyKey: `points:${kind}:${member}:${first.id}-${last.id}`,
    event: `points-${kind}`,
    command: { member, firstEntry: first.id, lastEntry: last.id, entries: group.length, points },
    at,
    postings: postingsOf(kind, { member, points, month, currency }),
  };
}

function postingsOf(
  kind: PointsEntry['kind'],
  event: { member: string; points: bigint; month: string; currency: Currency },
): Posting[] {
  switch (kind) {
    case 'pending':
      return pointsPending(event);
    case 'final':
      return pointsFinal(event);
    case 'forfeited':
      return pointsForfeited(event);
  }
}
