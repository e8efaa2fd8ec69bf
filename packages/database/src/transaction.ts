import { retry } from '@taika/runtime/backoff';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import type { Sql, Transaction } from './connect.ts';
import { runTransaction } from './live-transaction.ts';

/** How strictly a transaction is kept apart from the others. */
export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/**
 * Runs `work` in one transaction and commits; rolls back when it throws. When the database asks for another attempt
 * (serialization failure 40001, deadlock 40P01) the whole of `work` runs again, up to eight times: it must change nothing but the database.
 */
export function inTransaction<T>(sql: Sql, work: (tx: Transaction) => Promise<T>): Promise<T>;
export function inTransaction<T>(
  sql: Sql,
  isolation: Isolation,
  work: (tx: Transaction) => Promise<T>,
): Promise<T>;
export function inTransaction<T>(
  sql: Sql,
  isolationOrWork: Isolation | ((tx: Transaction) => Promise<T>),
  maybeWork?: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const work = typeof isolationOrWork === 'function' ? isolationOrWork : maybeWork;
  const isolation = typeof isolationOrWork === 'function' ? 'read committed' : isolationOrWork;
  if (work === undefined) {
    throw new TypeError('A transaction needs something to do.');
  }
  return retry(() => runTransaction(sql, `isolation level ${isolation}`, work), {
    attemptsMax: 8,
    baseMs: 5,
    capMs: 500,
    shouldRetry: (error) => ['40001', '40P01'].includes(sqlState(error) ?? ''),
    clock: systemClock,
    random: systemRandom,
  });
}

/** The five-character SQLSTATE of a failed statement (`23505` is a duplicate); undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof Error && error.name === 'PostgresError' && 'code' in error) {
    return typeof error.code === 'string' ? error.code : undefined;
  }
  return undefined;
}

/** Whether a statement failed on a unique constraint, optionally on this one. */
export function isDuplicate(error: unknown, constraint?: string): boolean {
  const name = error instanceof Error && 'constraint_name' in error ? error.constraint_name : undefined;
  return sqlState(error) === '23505' && (constraint === undefined || constraint === name);
}

/** Whether a statement failed on a value that the database cannot hold (SQLSTATE class 22), such as a NUL in a text or a number out of range. */
export function isDataError(error: unknown): boolean {
  return sqlState(error)?.startsWith('22') === true;
}
