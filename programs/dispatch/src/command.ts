import type { Command } from 'commander';
import { addContractorCommands } from './commands/contractor.ts';
import { addMigrateCommand } from './commands/migrate.ts';
import { addServeCommand } from './commands/serve.ts';

/** Adds `serve` and `migrate` to the command given (`taika dispatch`). */
export function registerDispatchCommands(command: Command): void {
  addServeCommand(command);
  addMigrateCommand(command);
}

/** Adds `explain` to the command given (`taika unit` or `taika terminal`). */
export { registerTerminalCommands, registerUnitCommands } from './commands/explain.ts';

/** Adds what an operator does to the command given (`taika contractor`): customers, vendors, terminals, rates, books. */
export function registerContractorCommands(command: Command): void {
  addContractorCommands(command);
}
