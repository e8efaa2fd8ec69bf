import assert from 'node:assert/strict';
import type { Sql, Transaction } from '@taika/database/connect';
import { createTestDatabase, type TestDatabase } from '@taika/database/test-database';
import { inTransaction } from '@taika/database/transaction';
import { balanceOf } from '../src/balance.ts';
import type { CommandHeader } from '../src/command.ts';
import { findDefects } from '../src/defects.ts';
import { customerToppedUp } from '../src/events.ts';
import { ledgerMigrations } from '../src/migrations.ts';
import { post } from '../src/post.ts';

/** When everything in these tests happens, unless they say otherwise. */
export const noon = new Date('2026-11-22T12:00:00.123Z');

/** Empty books in a database of their own. */
export interface TestBooks extends AsyncDisposable {
  readonly sql: Sql;
  readonly url: string;
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  balance(account: string, commodity?: string): Promise<{ posted: bigint; held: bigint; available: bigint }>;
  topUp(customer: string, amount: bigint): Promise<bigint>;
}

/** Opens books; at the end of the test they must be without defects. */
export async function openTestBooks(): Promise<TestBooks> {
  const database: TestDatabase = await createTestDatabase({ migrations: [ledgerMigrations] });
  const run = <T>(work: (tx: Transaction) => Promise<T>) => inTransaction(database.sql, work);
  return {
    sql: database.sql,
    url: database.url,
    run,
    balance: (account, commodity = 'JPY') => balanceOf(database.sql, { account, commodity }),
    async topUp(customer, amount) {
      const postings = customerToppedUp({ customer, amount, currency: 'JPY' });
      const outcome = await run((tx) => post(tx, { ...header(`top-up:${crypto.randomUUID()}`), postings }));
      assert.ok(outcome.kind === 'posted');
      return outcome.journalId;
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** A command under a key; the body is the same for equal keys unless given. */
export function header(idempotencyKey: string, command: CommandHeader['command'] = {}): CommandHeader {
  return { idempotencyKey, event: 'test', command, at: noon };
}

/** The books are right in every way that SQL can tell. */
export async function assertNoDefects(sql: Sql): Promise<void> {
  assert.deepEqual(await findDefects(sql), []);
}

/** Runs SQL as somebody who has got past the triggers: what tampering is. */
export async function tamper(tx: Transaction, statement: string): Promise<void> {
  await tx`set local session_replication_role = replica`;
  const { count } = await tx.unsafe(statement);
  assert.ok(count > 0, 'The tampering must change something.');
  await tx`set local session_replication_role = origin`;
}

/** Tampers, looks, and undoes it, so that many ways of tampering can share one book. */
export async function lookWhileTampered(
  sql: Sql,
  statement: string,
  look: (tx: Transaction) => Promise<void>,
): Promise<void> {
  const undo = new Error('Undo the tampering.');
  const looking = sql.begin(async (tx) => {
    const inside = tx as Transaction;
    await inside`alter table ledger.balance drop constraint balance_never_overdrawn`;
    await tamper(inside, statement);
    await look(inside);
    throw undo;
  });
  await assert.rejects(looking, undo);
}

/** Resolves once some connection to this database waits for a lock: the moment at which a race is on. */
export async function untilSomebodyWaits(sql: Sql): Promise<void> {
  for (let waiting = 0; waiting === 0; ) {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::integer as waiting
      from pg_stat_activity
      where datname = current_database()
        and wait_event_type = 'Lock'`;
    waiting = row?.waiting ?? 0;
  }
}
