/**
 * A hold is resolved once:
 *
 *     held ── capture (≤ hold, before it expires) ──> captured
 *       ├──── release ──────────────────────────────> released
 *       └──── its time is over ─────────────────────> expired
 *
 * Invariant: the row in `open_hold` is the right to resolve; whoever has locked it decides, everybody else is refused.
 */
import type { Transaction } from '@taika/database/connect';
import { readAnswers } from './answers.ts';
import { applyChanges, changes, openAccount } from './balances.ts';
import { claimCommand, claimCommands } from './claim.ts';
import type { CommandHeader } from './command.ts';
import {
  findHold,
  findHoldParts,
  insertResolutions,
  lockExpiredHolds,
  lockOpenHold,
} from './hold-queries.ts';
import { assertBalanced, type Posting } from './journal.ts';
import { type AccountRef, openAccounts } from './open-accounts.ts';
import type { PostOutcome, RefusalReason, ReleaseOutcome } from './outcome.ts';
import { insertDrafts } from './post.ts';
import { refuse } from './refuse.ts';

/** A hold to be drawn on. The journal may take from each held account at most what was held on it. */
export type CaptureCommand = CommandHeader & Readonly<{ holdId: bigint; postings: readonly Posting[] }>;

/** A hold to be given up. */
export type ReleaseCommand = CommandHeader & Readonly<{ holdId: bigint }>;

/** Draws on a hold and frees the rest, in one journal. Refused if the hold is resolved, expired, or too small. */
export async function captureHold(tx: Transaction, command: CaptureCommand): Promise<PostOutcome> {
  assertBalanced(command.postings);
  const claim = await claimCommand(tx, command, { kind: 'resolve', holdId: command.holdId });
  if (claim.kind === 'conflict')
    return { kind: 'idempotency-conflict', idempotencyKey: command.idempotencyKey };
  if (claim.kind === 'known') return (await readAnswers(tx, [claim.commandId])).posted(claim.commandId);
  const { commandId } = claim;
  const { holdId, at, postings } = command;

  const [open] = await lockOpenHold(tx, holdId);
  if (!open) return refuse(tx, commandId, { reason: await whyNotOpen(tx, holdId) });
  if (open.expiresAt !== null && open.expiresAt <= at)
    return refuse(tx, commandId, { reason: 'hold-expired' });

  const parts = await findHoldParts(tx, [holdId]);
  const held = parts.map(({ code, commodity, amount }) => ({ account: code, commodity, amount }));
  const accounts = await openAccounts(tx, [...held, ...postings]);
  const growth = changes(accounts, postings);
  for (const part of held) {
    const account = openAccount(accounts, part);
    if (-(growth.get(account) ?? 0n) > part.amount)
      return refuse(tx, commandId, { reason: 'beyond-hold', account: account.code });
    account.held -= part.amount;
  }
  const shortage = applyChanges(growth);
  if (shortage) return refuse(tx, commandId, { reason: 'overdrawn', ...shortage });

  // The hold is freed first: in between, the constraint sees the account with neither the hold nor the draw.
  await insertResolutions(tx, [{ holdId, commandId, kind: 'captured' }]);
  await insertDrafts(tx, accounts, [{ commandId, at, postings }]);
  return { kind: 'posted', journalId: commandId, replayed: false };
}

/** Gives a hold up: all of it can be used again. A hold whose time is over may still be released. */
export async function releaseHold(tx: Transaction, command: ReleaseCommand): Promise<ReleaseOutcome> {
  const claim = await claimCommand(tx, command, { kind: 'resolve', holdId: command.holdId });
  if (claim.kind === 'conflict')
    return { kind: 'idempotency-conflict', idempotencyKey: command.idempotencyKey };
  if (claim.kind === 'known') return (await readAnswers(tx, [claim.commandId])).released(claim.commandId);
  const { commandId } = claim;
  const { holdId } = command;

  const [open] = await lockOpenHold(tx, holdId);
  if (!open) return refuse(tx, commandId, { reason: await whyNotOpen(tx, holdId) });
  await openAccounts(tx, partRefs(await findHoldParts(tx, [holdId])));
  await insertResolutions(tx, [{ holdId, commandId, kind: 'released' }]);
  return { kind: 'released', holdId, replayed: false };
}

/**
 * Frees holds whose time is over at `at`, at most `holdsMax` of them (1000), and returns their ids: one step of a loop.
 * Holds that another transaction is resolving are left to it.
 */
export async function expireHolds(
  tx: Transaction,
  { at, holdsMax = 1000 }: { at: Date; holdsMax?: number },
): Promise<readonly bigint[]> {
  const holdIds = (await lockExpiredHolds(tx, { at, holdsMax })).map((row) => row.holdId);
  if (holdIds.length === 0) return [];
  const claims = await claimCommands(
    tx,
    holdIds.map((holdId) => ({
      header: { idempotencyKey: `hold:${holdId}:expire`, event: 'hold-expired', command: {}, at },
      terms: { kind: 'resolve', holdId },
    })),
  );
  await openAccounts(tx, partRefs(await findHoldParts(tx, holdIds)));
  await insertResolutions(
    tx,
    holdIds.map((holdId, index) => {
      const claim = claims[index];
      if (claim?.kind !== 'fresh') throw new Error(`The open hold ${holdId} was expired before.`);
      return { holdId, commandId: claim.commandId, kind: 'expired' };
    }),
  );
  return holdIds;
}

async function whyNotOpen(tx: Transaction, holdId: bigint): Promise<RefusalReason> {
  const [hold] = await findHold(tx, holdId);
  return hold ? 'hold-resolved' : 'unknown-hold';
}

function partRefs(parts: readonly Readonly<{ code: string; commodity: string }>[]): AccountRef[] {
  return parts.map(({ code, commodity }) => ({ account: code, commodity }));
}
