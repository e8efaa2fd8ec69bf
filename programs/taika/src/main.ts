import { Command } from 'commander';
import { commandGroups } from './command-groups.ts';

const program = new Command('taika')
  .description('Software paid for in idle computing: jobs, agents, licenses, points.')
  .version('0.1.0')
  // A command's own --version (of a release) must not be taken for this one.
  .enablePositionalOptions()
  .showHelpAfterError('Run with --help to see what can be said.')
  .configureOutput({ outputError: (text, write) => write(`taika: ${text.replace(/^error: /, '')}`) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

const first = process.argv.slice(2).find((word) => !word.startsWith('-'));
// Only the group that is meant is loaded: `taika agent status` need not read a server.
const meant = commandGroups.filter((group) => first === undefined || group.words.includes(first));
for (const group of meant.length > 0 ? meant : commandGroups) await group.register(program);

await program.parseAsync();
