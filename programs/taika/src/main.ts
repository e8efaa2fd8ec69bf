import { declareProgram } from '@taika/cli/declare-program';
import { endWithReader } from '@taika/cli/end-with-reader';
import { commandGroups } from './command-groups.ts';

endWithReader();
const program = declareProgram(
  'taika',
  'Software paid for in idle computing: jobs, agents, licenses, points.',
).version('0.1.0');

const first = process.argv.slice(2).find((word) => !word.startsWith('-'));
// Only the group that is meant is loaded: `taika agent status` need not read a server.
const meant = commandGroups.filter((group) => first === undefined || group.words.includes(first));
for (const group of meant.length > 0 ? meant : commandGroups) await group.register(program);

await program.parseAsync();
