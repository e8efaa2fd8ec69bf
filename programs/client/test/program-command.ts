import { Command } from 'commander';
import { registerProgramCommands } from '../src/program/commands.ts';

/** `taika program …` alone, for tests of this package. */
const command = new Command('taika').exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
registerProgramCommands(command);
await command.parseAsync();
