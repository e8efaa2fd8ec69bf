import { inTransaction } from '@taika/database/transaction';
import { expiryMonth } from '@taika/ledger/points';
import { type PostCommand, postMany } from '@taika/ledger/post';
import type { DispatchContext } from '../context.ts';
import { changeOf, type PointsChange } from './earnings.ts';
import { type MemberStand, memberPostings } from './member-postings.ts';
import { readStands } from './member-stands.ts';
import {
  addTallies,
  addTerminalWork,
  type EntryRange,
  findSettledEntry,
  lockPosition,
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
    const changes = new Map([...gains].map(([number, ofMember]) => [number, changeOf(ofMember)]));
    const standOf = await readStands(tx, changes);
    const at = clock.now();
    const commands = [...changes].flatMap(([memberNumber, change]) =>
      commandOf(change, standOf(memberNumber), { memberNumber, range, at, currency: contractor.currency }),
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
  change: PointsChange,
  stand: MemberStand,
  batch: {
    readonly memberNumber: bigint;
    readonly range: EntryRange;
    readonly at: Date;
    readonly currency: string;
  },
): PostCommand[] {
  const { range, at, currency } = batch;
  const member = String(batch.memberNumber);
  const month = expiryMonth(at, pointsMonthsValid);
  const postings = memberPostings(change, stand, { member, month, currency });
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
