import type { Transaction } from '@taika/database/connect';
import { findHoldParts } from './hold-queries.ts';
import type { Held, Posted, RefusalReason, Refused, Released } from './outcome.ts';
import { type AnswerRow, findAnswers } from './queries.ts';

/** The answers that commands got when they were first carried out. */
export type Answers = Readonly<{
  posted: (commandId: bigint) => Posted | Refused;
  released: (commandId: bigint) => Released | Refused;
}>;

/** Reads earlier answers, all in one statement. */
export async function readAnswers(tx: Transaction, commandIds: readonly bigint[]): Promise<Answers> {
  const rows = commandIds.length === 0 ? [] : await findAnswers(tx, commandIds);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const answerOf = <T>(commandId: bigint, done: (row: AnswerRow) => T): T | Refused => {
    const row = byId.get(commandId);
    if (!row) throw new Error(`Command ${commandId} has no answer.`);
    return refusalOf(row) ?? done(row);
  };
  return {
    posted: (commandId) =>
      answerOf(commandId, () => ({ kind: 'posted', journalId: commandId, replayed: true })),
    released: (commandId) =>
      answerOf(commandId, (row) => ({ kind: 'released', holdId: row.resolvedHold ?? 0n, replayed: true })),
  };
}

/** The earlier answer to `placeHold`, with its parts. */
export async function readHoldAnswer(tx: Transaction, commandId: bigint): Promise<Held | Refused> {
  const [row] = await findAnswers(tx, [commandId]);
  if (!row) throw new Error(`Command ${commandId} has no answer.`);
  const refusal = refusalOf(row);
  if (refusal) return refusal;
  const parts = await findHoldParts(tx, [commandId]);
  return {
    kind: 'held',
    holdId: commandId,
    parts: parts.map(({ code, amount }) => ({ account: code, amount })),
    replayed: true,
  };
}

function refusalOf(row: AnswerRow): Refused | undefined {
  if (row.reason === null) return undefined;
  return {
    kind: 'refused',
    reason: row.reason as RefusalReason,
    ...(row.account === null ? {} : { account: row.account }),
    ...(row.shortBy === null ? {} : { shortBy: row.shortBy }),
    replayed: true,
  };
}
