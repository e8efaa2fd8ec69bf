import { misused } from '@taika/cli/read-amounts';
import { runAction } from '@taika/cli/run-action';
import { readServerSettings, type ServerFlags } from '@taika/cli/server-command';
import type { Command } from 'commander';
import { allMigrations } from '../migrations.ts';
import { vendorPrefix, vendorSettings } from '../settings.ts';

/** Adds `migrate`: brings the database up to date as the role that owns its tables, and gives the server's role its rights. */
export function addMigrateCommand(command: Command): void {
  command
    .command('migrate')
    .description('Bring the database up to date, for a server whose own role may not change tables.')
    .option('--database-url <value>', 'URL of the database, as the role that owns its tables.')
    .option(
      '--writer <role>',
      'The server’s role: give it what a server needs, and of the books only to add and to read.',
    )
    .option('--json', 'Answer with one JSON object.')
    .action((flags: ServerFlags) => runAction(flags.json === true, () => migrateDatabase(flags)));
}

async function migrateDatabase({ writer, json, databaseUrl: given }: ServerFlags): Promise<void> {
  const table = { databaseUrl: vendorSettings.databaseUrl };
  const { databaseUrl } = await readServerSettings({ table, prefix: vendorPrefix }, { databaseUrl: given });
  if (databaseUrl === undefined) {
    throw misused(
      'Which database is to be migrated?',
      `Name it by --database-url or ${vendorPrefix}DATABASE_URL. A PostgreSQL in the data directory is migrated when its server starts.`,
    );
  }
  // Only now: other commands start faster without it.
  const { migrateAs } = await import('@taika/ledger/migrate-as');
  const role = typeof writer === 'string' ? writer : undefined;
  const applied = await migrateAs(databaseUrl, {
    migrations: allMigrations,
    writer: role,
    applicationName: 'taika vendor migrate',
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
