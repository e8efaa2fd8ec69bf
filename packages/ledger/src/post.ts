import type { Transaction } from '@taika/database/connect';
import { readAnswers } from './answers.ts';
import { applyChanges, changes, type OpenAccounts, openAccount, type Shortage } from './balances.ts';
import { claimCommands } from './claim.ts';
import type { CommandHeader } from './command.ts';
import { assertBalanced, type Posting, signedAmount } from './journal.ts';
import { openAccounts } from './open-accounts.ts';
import type { PostOutcome } from './outcome.ts';
import { insertJournals, insertRefusals } from './queries.ts';

/** A journal to be written for an event. */
export type PostCommand = CommandHeader & Readonly<{ postings: readonly Posting[] }>;

/** A journal whose command is claimed. */
export type Draft = Readonly<{
  commandId: bigint;
  at: Date;
  postings: readonly Posting[];
  reverses?: bigint;
}>;

/**
 * Writes one journal inside the caller's transaction. A bounded account that is short is a refusal, which is stored: the
 * caller commits it. Throws RangeError for postings that do not sum to zero or an account that no chart has.
 */
export async function post(tx: Transaction, command: PostCommand): Promise<PostOutcome> {
  const [outcome] = await postMany(tx, [command]);
  if (!outcome) throw new Error('A command has an outcome.');
  return outcome;
}

/**
 * Writes many journals in six statements, however many there are; the outcomes are in the order of the commands. Each
 * command is decided alone and in turn: one that is refused does not keep the others out.
 */
export async function postMany(
  tx: Transaction,
  commands: readonly PostCommand[],
): Promise<readonly PostOutcome[]> {
  for (const command of commands) assertBalanced(command.postings);
  if (commands.length === 0) return [];
  const claims = await claimCommands(
    tx,
    commands.map((header) => ({ header, terms: { kind: 'post' } })),
  );
  const drafts = commands.flatMap(({ at, postings }, index): Draft[] => {
    const claim = claims[index];
    return claim?.kind === 'fresh' ? [{ commandId: claim.commandId, at, postings }] : [];
  });
  const shortages = await writeDrafts(tx, drafts);
  const answers = await readAnswers(
    tx,
    claims.flatMap((claim) => (claim.kind === 'known' ? [claim.commandId] : [])),
  );
  return claims.map((claim, index): PostOutcome => {
    if (claim.kind === 'conflict') return conflictOf(commands[index]);
    if (claim.kind === 'known') return answers.posted(claim.commandId);
    const shortage = shortages.get(claim.commandId);
    return shortage
      ? { kind: 'refused', reason: 'overdrawn', ...shortage, replayed: false }
      : { kind: 'posted', journalId: claim.commandId, replayed: false };
  });
}

/** Carries out claimed journals; returns those that were refused, which are stored as such. */
export async function writeDrafts(
  tx: Transaction,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<bigint, Shortage>> {
  if (drafts.length === 0) return new Map();
  const accounts = await openAccounts(
    tx,
    drafts.flatMap((draft) => draft.postings),
  );
  return decideAndWrite(tx, accounts, drafts);
}

async function decideAndWrite(
  tx: Transaction,
  accounts: OpenAccounts,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<bigint, Shortage>> {
  const shortages = new Map<bigint, Shortage>();
  const accepted: Draft[] = [];
  for (const draft of drafts) {
    const shortage = applyChanges(changes(accounts, draft.postings));
    if (shortage) shortages.set(draft.commandId, shortage);
    else accepted.push(draft);
  }
  if (accepted.length > 0) await insertDrafts(tx, accounts, accepted);
  if (shortages.size > 0) {
    const refused = [...shortages].map(([commandId, shortage]) => ({
      commandId,
      reason: 'overdrawn',
      ...shortage,
    }));
    await insertRefusals(tx, refused);
  }
  return shortages;
}

/** Puts decided journals into the books. */
export function insertDrafts(
  tx: Transaction,
  accounts: OpenAccounts,
  drafts: readonly Draft[],
): Promise<unknown> {
  return insertJournals(
    tx,
    drafts.map(({ commandId, at, reverses }) => ({
      id: commandId,
      at,
      ...(reverses === undefined ? {} : { reverses }),
    })),
    drafts.flatMap(({ commandId, postings }) =>
      postings.map((posting, line) => ({
        journalId: commandId,
        line: line + 1,
        accountId: openAccount(accounts, posting).id,
        amount: signedAmount(posting),
      })),
    ),
  );
}

function conflictOf(command: CommandHeader | undefined): PostOutcome {
  return { kind: 'idempotency-conflict', idempotencyKey: command?.idempotencyKey ?? '' };
}
