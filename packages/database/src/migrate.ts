import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256HexSync } from '@taika/crypto/node-digest';
import type { Sql } from './connect.ts';
import { sqlState } from './transaction.ts';

/** Where a component's migrations lie. */
export interface MigrationSource {
  /** Holds `0001-what-it-does.sql`, `0002-…`: forward only, numbered upwards; gaps are allowed, so that two people can add files at once. */
  readonly directory: URL | string;
  /** The part of the system that owns them; several share one database. */
  readonly component: string;
}

/** One migration file. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/** Migrations that do not fit the database; the message is a sentence for the operator. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly forOperator = true;
}

/**
 * Applies what is missing, each file in a transaction of its own; gives the names of those applied. Replicas that start
 * together wait for one another. Refuses, before anything is changed, when an applied file was edited or is gone. Where
 * nothing is missing it only reads, so that a role without the right to change tables can start a server.
 */
export async function migrate(sql: Sql, source: MigrationSource): Promise<string[]> {
  const migrations = await readMigrations(source);
  try {
    return (await missingMigrations(sql, source, migrations)).length === 0
      ? []
      : await applyMissing(sql, source, migrations);
  } catch (error) {
    throw isDenied(error) ? await denied(sql, source, error) : error;
  }
}

/** What of the files was not applied. Throws MigrationError when an applied file was edited or is gone. */
async function missingMigrations(
  sql: Sql,
  { component }: MigrationSource,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const [found] = await sql<{ exists: boolean }[]>`select to_regclass('migration') is not null as exists`;
  if (found?.exists !== true) {
    return migrations;
  }
  const applied = await readApplied(sql, component);
  checkApplied(component, migrations, applied);
  return migrations.slice(applied.length);
}

async function applyMissing(
  sql: Sql,
  source: MigrationSource,
  migrations: readonly Migration[],
): Promise<string[]> {
  const connection = await sql.reserve();
  try {
    await connection`select pg_advisory_lock(${advisoryLock})`;
    await connection.unsafe(migrationTable);
    // Read again: another replica may have applied them while this one waited.
    const applied = await readApplied(connection, source.component);
    checkApplied(source.component, migrations, applied);
    const missing = migrations.slice(applied.length);
    for (const migration of missing) {
      await applyMigration(connection, source.component, migration);
    }
    return missing.map(({ name }) => name);
  } finally {
    await connection`select pg_advisory_unlock(${advisoryLock})`.catch(() => {});
    connection.release();
  }
}

/** Reads a component's migrations in order. Throws MigrationError for a double number or a strange name. */
export async function readMigrations({ directory, component }: MigrationSource): Promise<Migration[]> {
  const path = directory instanceof URL ? fileURLToPath(directory) : directory;
  const names = (await readdir(path)).filter((name) => name.endsWith('.sql')).sort();
  let last = 0;
  const numbered = names.map((name) => {
    const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
    if (!(number > last)) {
      throw new MigrationError(
        `"${name}" of ${component} should be named like ${String(last + 1).padStart(4, '0')}-what-it-does.sql, with a number of its own.`,
      );
    }
    last = number;
    return { number, name };
  });
  return Promise.all(
    numbered.map(async (file) => {
      const text = await readFile(join(path, file.name), 'utf8');
      return { ...file, text, sha256: sha256HexSync(text) };
    }),
  );
}

/** 42501: the role may not read or change what it has to. */
function isDenied(error: unknown): boolean {
  return (
    sqlState(error) === '42501' || (error instanceof MigrationError && sqlState(error.cause) === '42501')
  );
}

async function denied(sql: Sql, { component }: MigrationSource, cause: unknown): Promise<MigrationError> {
  const [who] = await sql<{ role: string }[]>`select current_user as role`;
  return new MigrationError(
    `The database lacks migrations of ${component}, or the role "${who?.role}" may not read which it has, and that role may not ` +
      'change tables. Run the migrate command of this server (`taika dispatch migrate`, `taika vendor migrate`) with the ' +
      `--database-url of the role that owns the tables and --writer ${who?.role}, then start again.`,
    { cause },
  );
}

/** Any number will do that nothing else in these databases locks. */
const advisoryLock = 7_410_420n;

const migrationTable = `
  create table if not exists migration (
    component text not null,
    number integer not null,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now(),
    primary key (component, number)
  )`;

interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

function readApplied(sql: Sql, component: string): Promise<AppliedMigration[]> {
  return sql<AppliedMigration[]>`
    select number, name, sha256
    from migration
    where component = ${component}
    order by number`;
}

function checkApplied(
  component: string,
  files: readonly Migration[],
  applied: readonly AppliedMigration[],
): void {
  for (const [index, { number, name, sha256 }] of applied.entries()) {
    const file = files[index];
    if (file === undefined) {
      throw new MigrationError(
        `The database has migration ${number} (${name}) of ${component}, which this version does not know. ` +
          'It was written by a newer version: start that one.',
      );
    }
    if (file.number < number) {
      throw new MigrationError(
        `Migration ${file.name} of ${component} comes before ${name}, which is applied already. Give it a higher number.`,
      );
    }
    if (file.sha256 !== sha256) {
      throw new MigrationError(
        `Migration ${name} of ${component} was edited after it was applied. Restore it, and put the change into a new file.`,
      );
    }
  }
}

async function applyMigration(
  sql: Sql,
  component: string,
  { number, name, text, sha256 }: Migration,
): Promise<void> {
  try {
    await sql`begin`;
    await sql.unsafe(text);
    await sql`
      insert into migration (component, number, name, sha256)
      values (${component}, ${number}, ${name}, ${sha256})`;
    await sql`commit`;
  } catch (error) {
    await sql`rollback`;
    const said = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`Migration ${name} of ${component} failed and was undone: ${said}.`, {
      cause: error,
    });
  }
}
