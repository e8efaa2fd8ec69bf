import type { Caller } from '@taika/http/call';
import type { Command } from 'commander';
import { type OperatorFlags, operatorCaller } from './operator-session.ts';
import { runCommand } from './run-command.ts';

/** What a command of the operator is given. */
export interface OperatorCommand<Flags> {
  readonly caller: Caller;
  readonly flags: Flags & OperatorFlags;
}

/** Adds a command that talks to the server as its operator, with the flags that all of these share. */
export function addOperatorCommand<Flags = object>(
  command: Command,
  { name, description, options = [] }: { name: string; description: string; options?: readonly FlagText[] },
  run: (given: OperatorCommand<Flags>) => Promise<void>,
): void {
  const added = command.command(name).description(description);
  for (const { flag, text, required = false, fallback } of options) {
    if (required) {
      added.requiredOption(flag, text);
    } else {
      added.option(flag, text, fallback);
    }
  }
  added
    .option('--vendor <url>', 'address of the vendor server (default: from the profile)')
    .option('--operator-key-file <file>', 'file with the operator’s key (default: from the profile)')
    .option('--json', 'print JSON')
    .action((flags: Flags & OperatorFlags) =>
      runCommand(async () => run({ caller: await operatorCaller(flags), flags })),
    );
}

/** A flag of a command. */
export interface FlagText {
  readonly flag: string;
  readonly text: string;
  readonly required?: boolean;
  readonly fallback?: string;
}
