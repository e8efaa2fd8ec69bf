import type { Transaction } from '@taika/database/connect';
import { readAnswers } from './answers.ts';
import { claimCommand } from './claim.ts';
import type { CommandHeader } from './command.ts';
import { credit, debit, type Posting, reversed } from './journal.ts';
import type { PostOutcome } from './outcome.ts';
import { writeDrafts } from './post.ts';
import { findJournal, findPostings, lockReversal } from './queries.ts';
import { refuse } from './refuse.ts';

/** A journal to be undone. */
export type ReverseCommand = CommandHeader & Readonly<{ journalId: bigint }>;

/**
 * Undoes a journal by its mirror, at most once: the only correction there is. A reversal is not reversed; the event is
 * posted again under a new key. Refused like any journal if it would overdraw a bounded account.
 */
export async function reverse(tx: Transaction, command: ReverseCommand): Promise<PostOutcome> {
  const claim = await claimCommand(tx, command, { kind: 'post', journalId: command.journalId });
  if (claim.kind === 'conflict')
    return { kind: 'idempotency-conflict', idempotencyKey: command.idempotencyKey };
  if (claim.kind === 'known') return (await readAnswers(tx, [claim.commandId])).posted(claim.commandId);
  const { commandId } = claim;
  const { journalId, at } = command;

  await lockReversal(tx, journalId);
  const [journal] = await findJournal(tx, journalId);
  if (!journal) return refuse(tx, commandId, { reason: 'unknown-journal' });
  if (journal.reverses !== null) return refuse(tx, commandId, { reason: 'is-reversal' });
  if (journal.reversedBy !== null) return refuse(tx, commandId, { reason: 'already-reversed' });

  const postings = reversed(await readPostings(tx, journalId));
  const shortage = (await writeDrafts(tx, [{ commandId, at, postings, reverses: journalId }])).get(commandId);
  return shortage
    ? { kind: 'refused', reason: 'overdrawn', ...shortage, replayed: false }
    : { kind: 'posted', journalId: commandId, replayed: false };
}

async function readPostings(tx: Transaction, journalId: bigint): Promise<Posting[]> {
  const rows = await findPostings(tx, journalId);
  return rows.map(({ code, commodity, amount }) =>
    amount > 0n ? debit(code, commodity, amount) : credit(code, commodity, -amount),
  );
}
