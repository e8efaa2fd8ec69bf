import { addMigrateCommand } from '@taika/cli/migrate-command';
import { ledgerMigrations } from '@taika/ledger/migrations';
import type { Command } from 'commander';
import { addContractorCommands } from './commands/contractor.ts';
import { addServeCommand } from './commands/serve.ts';
import { dispatchMigrations } from './migrations.ts';
import { dispatchPrefix, dispatchSettings } from './settings.ts';

/** Adds `serve` and `migrate` to the command given (`taika dispatch`). */
export function registerDispatchCommands(command: Command): void {
  addServeCommand(command);
  addMigrateCommand(command, {
    program: 'dispatch',
    prefix: dispatchPrefix,
    databaseUrl: dispatchSettings.databaseUrl,
    migrations: [ledgerMigrations, dispatchMigrations],
  });
}

/** Adds `explain` to the command given (`taika unit` or `taika terminal`). */
export { registerTerminalCommands, registerUnitCommands } from './commands/explain.ts';

/** Adds what an operator does to the command given (`taika contractor`): customers, vendors, terminals, rates, books. */
export function registerContractorCommands(command: Command): void {
  addContractorCommands(command);
}
