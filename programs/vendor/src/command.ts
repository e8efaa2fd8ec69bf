import type { Command } from 'commander';
import { addBookCommands } from './commands/books.ts';
import { addCatalogueCommands } from './commands/catalogue.ts';
import { addMigrateCommand } from './commands/migrate.ts';
import { addServeCommand } from './commands/serve.ts';
import { addServiceCommands } from './commands/services.ts';

/** Adds the vendor's commands to `command`: the server itself, and what its operator does with it. */
export function registerVendorCommands(command: Command): void {
  addServeCommand(command);
  addMigrateCommand(command);
  addCatalogueCommands(command);
  addServiceCommands(command);
  addBookCommands(command);
}
