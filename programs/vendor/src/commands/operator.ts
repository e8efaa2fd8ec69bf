import {
  addOperatorFlags,
  connectOperator,
  type OperatorFlags,
  vendorServer,
} from '@taika/cli/operator-caller';
import { runAction } from '@taika/cli/run-action';
import type { Caller } from '@taika/http/call';
import type { Command } from 'commander';

/** A flag of a command. */
export interface FlagText {
  readonly flag: string;
  readonly text: string;
  readonly required?: boolean;
  readonly fallback?: string;
}

/** Adds a command that talks to the server as its operator, with the flags that all of these share. */
export function addOperatorCommand<Flags = object>(
  command: Command,
  { name, description, options = [] }: { name: string; description: string; options?: readonly FlagText[] },
  run: (given: {
    readonly caller: Caller;
    readonly flags: Flags & OperatorFlags;
    /** The words that the command takes besides its flags. */
    readonly words: readonly string[];
  }) => Promise<void>,
): void {
  const added = command.command(name).description(description);
  for (const { flag, text, required: isRequired = false, fallback } of options) {
    if (isRequired) {
      added.requiredOption(flag, text);
    } else {
      added.option(flag, text, fallback);
    }
  }
  addOperatorFlags(added, vendorServer).action(async (...given: unknown[]) => {
    // Commander gives the words, then the flags, then the command.
    const flags = given.at(-2) as Flags & OperatorFlags;
    const words = given.slice(0, -2) as string[];
    await runAction(flags.json === true, async () =>
      run({ caller: await connectOperator(vendorServer, flags), flags, words }),
    );
  });
}

/** Prints JSON for programs, or text for people. */
export function answer({ json }: OperatorFlags, value: unknown, text: () => string): void {
  console.log(json === true ? JSON.stringify(value) : text());
}
