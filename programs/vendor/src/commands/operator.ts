import { readFile } from 'node:fs/promises';
import { readProfile, required } from '@taika/cli/profile-file';
import { runAction } from '@taika/cli/run-action';
import { type Caller, createCaller } from '@taika/http/call';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import type { Command } from 'commander';

/** Flags that every command of the operator has. */
export interface OperatorFlags {
  readonly url?: string;
  readonly operatorKeyFile?: string;
  readonly json?: boolean;
}

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
  run: (given: { readonly caller: Caller; readonly flags: Flags & OperatorFlags }) => Promise<void>,
): void {
  const added = command.command(name).description(description);
  for (const { flag, text, required: isRequired = false, fallback } of options) {
    if (isRequired) {
      added.requiredOption(flag, text);
    } else {
      added.option(flag, text, fallback);
    }
  }
  added
    .option('--url <url>', 'Address of the vendor server. Default: the profile’s.')
    .option('--operator-key-file <file>', 'File with the operator’s key. Default: the profile’s.')
    .option('--json', 'Answer with one JSON object.')
    .action((flags: Flags & OperatorFlags) =>
      runAction(flags.json === true, async () => run({ caller: await connectOperator(flags), flags })),
    );
}

/** Prints JSON for programs, or text for people. */
export function answer({ json }: OperatorFlags, value: unknown, text: () => string): void {
  console.log(json === true ? JSON.stringify(value) : text());
}

const remedy =
  'Set TAIKA_HOME to the folder of a running `taika up`, or name --url and --operator-key-file (DATA/vendor-operator.key).';

async function connectOperator({ url, operatorKeyFile }: OperatorFlags): Promise<Caller> {
  const profile = await readProfile();
  const baseUrl = url ?? required(profile, 'vendorUrl', remedy);
  const keyFile = operatorKeyFile ?? required(profile, 'vendorOperatorKeyFile', remedy);
  const key = (await readFile(keyFile, 'utf8')).trim();
  return createCaller({
    baseUrl,
    authorize: () => ({ authorization: `Bearer ${key}` }),
    clock: systemClock,
    random: systemRandom,
    attemptsMax: 2,
    userAgent: 'taika-vendor-operator',
  });
}
