import type { Setting } from '@taika/runtime/settings';
import type { Command } from 'commander';
import { misused } from './read-amounts.ts';
import { runAction } from './run-action.ts';
import { readServerSettings, type ServerFlags } from './server-command.ts';

/** A server whose database is migrated. */
export interface MigratedServer {
  /** As `taika` has it: `dispatch`. */
  readonly program: string;
  /** How its variables begin. */
  readonly prefix: string;
  readonly databaseUrl: Setting<string | undefined>;
  /** All that its database holds, in the order in which it is installed. */
  readonly migrations: readonly { readonly component: string; readonly directory: URL }[];
}

/** Adds `migrate`: brings the database up to date as the role that owns its tables, and gives the server's role its rights. */
export function addMigrateCommand(command: Command, server: MigratedServer): void {
  command
    .command('migrate')
    .description('Bring the database up to date, for a server whose own role may not change tables.')
    .option('--database-url <value>', 'URL of the database, as the role that owns its tables.')
    .option(
      '--writer <role>',
      'The server’s role: give it what a server needs, and of the books only to add and to read.',
    )
    .option('--json', 'Answer with one JSON object.')
    .action((flags: ServerFlags) => runAction(flags.json === true, () => migrateDatabase(server, flags)));
}

async function migrateDatabase(
  { program, prefix, migrations, ...table }: MigratedServer,
  { writer, json, databaseUrl: given }: ServerFlags,
): Promise<void> {
  const { databaseUrl } = await readServerSettings({ table, prefix }, { databaseUrl: given });
  if (databaseUrl === undefined) {
    throw misused(
      'Which database is to be migrated?',
      `Name it by --database-url or ${prefix}DATABASE_URL. A PostgreSQL in the data directory is migrated when its server starts.`,
    );
  }
  // Only now: other commands start faster without it.
  const { migrateAs } = await import('@taika/ledger/migrate-as');
  const role = typeof writer === 'string' ? writer : undefined;
  const applied = await migrateAs(databaseUrl, {
    migrations,
    writer: role,
    applicationName: `taika ${program} migrate`,
  });
  if (json === true) {
    console.log(JSON.stringify({ applied, ...(role === undefined ? {} : { writer: role }) }));
    return;
  }
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}.`);
  if (role !== undefined) {
    console.log(
      `The role ${role} may serve: it adds to the books and reads them, and changes nothing in them.`,
    );
  }
}
