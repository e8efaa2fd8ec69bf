import type { Transaction } from '@taika/database/connect';
import type { Commodity } from './account.ts';
import { readHoldAnswer } from './answers.ts';
import { allocate, openAccount } from './balances.ts';
import { claimCommand } from './claim.ts';
import type { CommandHeader } from './command.ts';
import { insertHold } from './hold-queries.ts';
import { openAccounts } from './open-accounts.ts';
import type { HoldOutcome } from './outcome.ts';
import { refuse } from './refuse.ts';

/** Money or points to be set aside. */
export type HoldCommand = CommandHeader &
  Readonly<{
    /** Bounded accounts, drawn in this order: for points the bucket that expires first comes first. */
    from: readonly string[];
    commodity: Commodity;
    /** Positive, at the scale of the commodity. */
    amount: bigint;
    /** From this instant on it cannot be captured, and `expireHolds` frees it. Without it the hold waits for its resolution. */
    expiresAt?: Date;
  }>;

/**
 * Sets an amount aside so that nobody else can have it. All or nothing: if the accounts together are short it is refused,
 * and the refusal is stored. Throws RangeError if nothing is asked for or an account can be overdrawn anyway.
 */
export async function placeHold(tx: Transaction, command: HoldCommand): Promise<HoldOutcome> {
  const { amount, commodity } = command;
  if (amount <= 0n) throw new RangeError('A hold is for a positive amount.');
  const claim = await claimCommand(tx, command, { kind: 'hold', amount, commodity });
  if (claim.kind === 'conflict')
    return { kind: 'idempotency-conflict', idempotencyKey: command.idempotencyKey };
  if (claim.kind === 'known') return readHoldAnswer(tx, claim.commandId);

  const refs = command.from.map((account) => ({ account, commodity }));
  const accounts = await openAccounts(tx, refs);
  const sources = refs.map((ref) => openAccount(accounts, ref));
  const unbounded = sources.find((source) => !source.bounded);
  if (unbounded) throw new RangeError(`Nothing can be held on ${unbounded.code}: it may be overdrawn.`);

  const { parts, shortBy } = allocate(sources, amount);
  if (shortBy > 0n) {
    const account = command.from.at(-1);
    return refuse(tx, claim.commandId, {
      reason: 'overdrawn',
      shortBy,
      ...(account === undefined ? {} : { account }),
    });
  }
  await insertHold(tx, {
    id: claim.commandId,
    expiresAt: command.expiresAt,
    parts: parts.map(({ account, amount }, line) => ({ line: line + 1, accountId: account.id, amount })),
  });
  return {
    kind: 'held',
    holdId: claim.commandId,
    parts: parts.map(({ account, amount }) => ({ account: account.code, amount })),
    replayed: false,
  };
}
