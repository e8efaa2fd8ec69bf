import { readFile } from 'node:fs/promises';
import { type Caller, createCaller } from '@taika/http/call';
import type { Profile } from '@taika/protocol/profile';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import type { Command } from 'commander';
import { readProfile, required } from './profile-file.ts';

/** Flags that every command of an operator has. What is not given is the profile's. */
export interface OperatorFlags {
  readonly url?: string;
  readonly operatorKeyFile?: string;
  readonly json?: boolean;
}

/** A server that has an operator. */
export interface OperatedServer {
  /** For people: `dispatch server`. */
  readonly name: string;
  /** Where the profile has its address, and the file with its operator's key. */
  readonly url: keyof Profile & `${string}Url`;
  readonly keyFile: keyof Profile & `${string}File`;
  /** The key's file in the server's data folder. */
  readonly keyFileName: string;
}

/** The contractor's server. */
export const dispatchServer: OperatedServer = {
  name: 'dispatch server',
  url: 'dispatchUrl',
  keyFile: 'operatorKeyFile',
  keyFileName: 'operator.key',
};

/** A vendor's server. */
export const vendorServer: OperatedServer = {
  name: 'vendor server',
  url: 'vendorUrl',
  keyFile: 'vendorOperatorKeyFile',
  keyFileName: 'vendor-operator.key',
};

/** Adds `--url`, `--operator-key-file` and `--json`. */
export function addOperatorFlags(command: Command, { name }: OperatedServer): Command {
  return command
    .option('--url <url>', `Address of the ${name}. Default: the profile’s.`)
    .option('--operator-key-file <file>', 'File with the operator’s key. Default: the profile’s.')
    .option('--json', 'Answer with one JSON object.');
}

/** Calls a server as its operator. Throws `CommandError` with what to do where the server or the key is not known. */
export async function connectOperator(
  server: OperatedServer,
  flags: OperatorFlags,
  { timeoutMs }: { readonly timeoutMs?: number } = {},
): Promise<Caller> {
  const remedy = `Set TAIKA_HOME to the folder of a running \`taika up\`, or name --url and --operator-key-file (DATA/${server.keyFileName}).`;
  const profile = await readProfile();
  const baseUrl = flags.url ?? required(profile, server.url, remedy);
  const keyFile = flags.operatorKeyFile ?? required(profile, server.keyFile, remedy);
  const key = (await readFile(keyFile, 'utf8')).trim();
  return createCaller({
    baseUrl,
    authorize: () => ({ authorization: `Bearer ${key}` }),
    clock: systemClock,
    random: systemRandom,
    // A person waits: told after one repetition rather than after four.
    attemptsMax: 2,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    userAgent: 'taika-operator',
  });
}
