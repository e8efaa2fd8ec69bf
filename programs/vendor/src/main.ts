import { Command } from 'commander';
import { registerVendorCommands } from './command.ts';

/** The vendor server and its operator's commands alone: `node programs/vendor/src/main.ts serve`. */
const program = new Command('taika-vendor').description('The application server of a software vendor.');
registerVendorCommands(program);
await program.parseAsync();
