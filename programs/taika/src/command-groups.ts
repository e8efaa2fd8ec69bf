import type { Command } from 'commander';

/** Commands of one program, and the first words that mean them. */
export interface CommandGroup {
  readonly words: readonly string[];
  register(command: Command): Promise<void>;
}

export const commandGroups: readonly CommandGroup[] = [
  {
    words: ['up'],
    register: async (command) => (await import('./up/command.ts')).registerUpCommand(command),
  },
  {
    words: [
      ...['login', 'init', 'run', 'submit', 'local', 'jobs', 'watch', 'result', 'logs', 'replay', 'cancel'],
      ...['quote', 'max-price', 'delete', 'webhook', 'invoices', 'invoice', 'details'],
    ],
    register: async (command) => (await import('@taika/client/commands')).registerClientCommands(command),
  },
  {
    words: ['program'],
    register: async (command) =>
      (await import('@taika/client/program/commands')).registerProgramCommands(command),
  },
  {
    words: ['agent'],
    register: async (command) => (await import('@taika/agent/command')).registerAgentCommands(command),
  },
  {
    words: ['reference'],
    register: async (command) =>
      (await import('@taika/agent/reference/command')).registerReferenceCommands(
        group(command, 'reference', 'the contractor’s own terminal, whose word decides about results'),
      ),
  },
  {
    words: ['decoy'],
    register: async (command) =>
      (await import('@taika/agent/reference/command')).registerDecoyCommands(
        group(command, 'decoy', 'the contractor’s own terminal that lies, to find who agrees with it'),
      ),
  },
  {
    words: ['contractor'],
    register: async (command) =>
      (await import('@taika/dispatch/command')).registerContractorCommands(
        group(command, 'contractor', 'what the contractor’s operator does'),
      ),
  },
  {
    words: ['unit'],
    register: async (command) =>
      (await import('@taika/dispatch/command')).registerUnitCommands(
        group(command, 'unit', 'why the result of a unit is believed'),
      ),
  },
  {
    words: ['terminal'],
    register: async (command) =>
      (await import('@taika/dispatch/command')).registerTerminalCommands(
        group(command, 'terminal', 'where a terminal stands, and why'),
      ),
  },
  {
    words: ['dispatch'],
    register: async (command) =>
      (await import('@taika/dispatch/command')).registerDispatchCommands(
        group(command, 'dispatch', 'the contractor’s dispatch server'),
      ),
  },
  {
    words: ['vendor'],
    register: async (command) =>
      (await import('@taika/vendor/command')).registerVendorCommands(
        group(command, 'vendor', 'the vendor’s application server and its operator'),
      ),
  },
  {
    words: ['books'],
    register: async (command) =>
      (await import('@taika/books/commands/command')).registerBookCommands(
        group(command, 'books', 'the contractor’s or a vendor’s books, for their operators'),
      ),
  },
  {
    words: ['simulate'],
    register: async (command) =>
      (await import('@taika/trust/simulate/command')).registerSimulateCommands(
        group(command, 'simulate', 'what cheats can reach, in a model of the grid'),
      ),
  },
];

function group(command: Command, name: string, description: string): Command {
  return command.command(name).description(description);
}
