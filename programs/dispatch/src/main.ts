import { declareProgram } from '@taika/cli/declare-program';
import { registerContractorCommands, registerDispatchCommands } from './command.ts';

/** The dispatch server alone: `node programs/dispatch/src/main.ts serve --data DIR`. */
const program = declareProgram('taika-dispatch', 'The contractor’s server, without the other roles.');
registerDispatchCommands(program);
registerContractorCommands(program);
await program.parseAsync();
