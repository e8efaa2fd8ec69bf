import { addMigrateCommand } from '@taika/cli/migrate-command';
import type { Command } from 'commander';
import { addBookCommands } from './commands/books.ts';
import { addCatalogueCommands } from './commands/catalogue.ts';
import { addServeCommand } from './commands/serve.ts';
import { addServiceCommands } from './commands/services.ts';
import { allMigrations } from './migrations.ts';
import { vendorPrefix, vendorSettings } from './settings.ts';

/** Adds the vendor's commands to `command`: the server itself, and what its operator does with it. */
export function registerVendorCommands(command: Command): void {
  addServeCommand(command);
  addMigrateCommand(command, {
    program: 'vendor',
    prefix: vendorPrefix,
    databaseUrl: vendorSettings.databaseUrl,
    migrations: allMigrations,
  });
  addCatalogueCommands(command);
  addServiceCommands(command);
  addBookCommands(command);
}
