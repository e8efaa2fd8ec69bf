import { inTransaction } from '@taika/database/transaction';
import { pointsFinal, pointsForfeited, pointsPending } from '@taika/ledger/events';
import { expiryMonth } from '@taika/ledger/points';
import { type PostCommand, postMany } from '@taika/ledger/post';
import type { DispatchContext } from '../context.ts';
import { changeOf, type Gain } from './earnings.ts';
import {
  addTallies,
  addTerminalWork,
  type EntryRange,
  findSettledEntry,
  lockPosition,
  type MemberGain,
  movePosition,
} from './queries.ts';

/** Points can be spent until the end of this many months after the one in which they became final. */
export const pointsMonthsValid = 12;

/** Entries in one transaction at most: a fraction of a second of work, so that a stop never waits long. */
const entriesMax = 50_000n;

/**
 * Books what terminals earned since the last time: one journal for each member and batch, whatever the number of results
 * (a journal a unit would stop at some hundred a second). A step of a loop; any replica may run it, one does at a time.
 */
export async function journalPointsStep(
  context: Pick<DispatchContext, 'sql' | 'clock' | 'contractor'>,
): Promise<'again' | 'idle'> {
  const { sql, clock, contractor } = context;
  const settled = await findSettledEntry(sql);
  if (settled === undefined) {
    return 'idle';
  }
  return inTransaction(sql, async (tx) => {
    const after = await lockPosition(tx);
    const last = settled - after > entriesMax ? after + entriesMax : settled;
    if (last <= after) {
      return 'idle';
    }
    const range = { after, last };
    await addTerminalWork(tx, range);
    const gains = Map.groupBy(await addTallies(tx, range), (gain) => gain.memberNumber);
    const at = clock.now();
    const commands = [...gains].flatMap(([memberNumber, ofMember]) =>
      commandOf(memberNumber, ofMember, { range, at, currency: contractor.currency }),
    );
    for (const outcome of await postMany(tx, commands)) {
      if (outcome.kind !== 'posted') {
        throw new Error(`Points could not be journalled: ${JSON.stringify(outcome, bigintAsText)}.`);
      }
    }
    await movePosition(tx, last);
    return last < settled ? 'again' : 'idle';
  });
}

/** The journal of one member's gains; none when they do not make a thousandth of a point yet. */
function commandOf(
  memberNumber: bigint,
  gains: readonly (Gain & MemberGain)[],
  { range, at, currency }: { readonly range: EntryRange; readonly at: Date; readonly currency: string },
): PostCommand[] {
  const member = String(memberNumber);
  const change = changeOf(gains);
  const month = expiryMonth(at, pointsMonthsValid);
  const postings = [
    ...pointsPending({ member, points: change.pending }),
    ...pointsFinal({ member, month, points: change.final, currency }),
    ...pointsForfeited({ member, points: change.forfeited }),
  ];
  if (postings.length === 0) {
    return [];
  }
  return [
    {
      idempotencyKey: `points:${member}:${range.after}-${range.last}`,
      event: 'points-earned',
      command: { member, after: range.after, last: range.last, ...change },
      at,
      postings,
    },
  ];
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
