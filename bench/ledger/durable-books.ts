import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Sql, type Transaction } from '@taika/database/connect';
import { startEmbeddedPostgres } from '@taika/database/embedded';
import { type MigrationSource, migrate } from '@taika/database/migrate';
import { inTransaction } from '@taika/database/transaction';
import { ledgerMigrations } from '@taika/ledger/migrations';

/** A book on a PostgreSQL of its own that syncs every commit, as a server's does; test databases do not. */
export interface DurableBook {
  readonly sql: Sql;
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** Starts PostgreSQL in a new directory with a database for each name. */
export async function startDurableBooks(
  names: readonly string[],
  migrations: readonly MigrationSource[] = [],
): Promise<AsyncDisposable & { readonly books: readonly DurableBook[] }> {
  await using started = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'taika-books-'));
  started.defer(() => rm(directory, { recursive: true, force: true }));
  const postgres = started.use(await startEmbeddedPostgres({ directory }));
  const books: DurableBook[] = [];
  for (const name of names) {
    await postgres.createDatabase(name);
    const sql = connect(postgres.url(name), {
      max: books.length === 0 ? 8 : 1,
      applicationName: 'taika bench',
    });
    started.defer(() => sql.end({ timeout: 1 }));
    for (const source of [ledgerMigrations, ...migrations]) {
      await migrate(sql, source);
    }
    books.push({ sql, run: (work) => inTransaction(sql, work) });
  }
  const running = started.move();
  return { books, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Seconds since `startMs`, with milliseconds. */
export function secondsSince(startMs: number): number {
  return Math.round(performance.now() - startMs) / 1_000;
}
