import { Command } from 'commander';
import { registerContractorCommands, registerDispatchCommands } from './command.ts';

/** The dispatch server alone: `node programs/dispatch/src/main.ts serve --data DIR`. */
const program = new Command('taika-dispatch').description(
  'The contractor’s server, without the other roles.',
);
registerDispatchCommands(program);
registerContractorCommands(program);
await program.parseAsync();
