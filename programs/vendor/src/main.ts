import { declareProgram } from '@taika/cli/declare-program';
import { registerVendorCommands } from './command.ts';

/** The vendor server and its operator's commands alone: `node programs/vendor/src/main.ts serve`. */
const program = declareProgram('taika-vendor', 'The application server of a software vendor.');
registerVendorCommands(program);
await program.parseAsync();
