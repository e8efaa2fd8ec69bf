import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { CommandError } from '@taika/cli/command-error';
import { readProfile, required } from '@taika/cli/profile-file';
import { runAction } from '@taika/cli/run-action';
import { say, sayJson } from '@taika/cli/say';
import { addServerFlags, readServerSettings, type ServerFlags } from '@taika/cli/server-command';
import { type KeyPair, keyPairOf, parsePrivateKey } from '@taika/crypto/keys';
import { runUntilSignal } from '@taika/runtime/shutdown';
import type { Command } from 'commander';
import { createDispatchCalls, type OwnRole, WrongRoleError } from '../core/dispatch-calls.ts';
import type { Host } from '../core/host.ts';
import { createConsoleLog } from '../node/console-log.ts';
import { createNodeHost } from '../node/node-host.ts';
import { runDecoy } from './run-decoy.ts';
import { type ReferenceOptions, type RunningReference, runReference } from './run-reference.ts';
import {
  decoyPrefix,
  decoySettings,
  type ReferenceSettings,
  referencePrefix,
  referenceSettings,
} from './settings.ts';

/** Adds `run` to the group given (`taika reference`). */
export function registerReferenceCommands(command: Command): void {
  const run = command
    .command('run')
    .description('compute what must be certain, until it is told to stop')
    .option('--verbose', 'say more');
  addServerFlags(run, settingsOfReference, 'Say that it runs as one JSON line on standard output.').action(
    ({ verbose, ...flags }: ServerFlags) =>
      runAction(flags.json === true, async () => {
        const settings = await readServerSettings(settingsOfReference, flags);
        await runUntilTold({ settings, role: 'reference', start: runReference }, flags, verbose === true);
      }),
  );
}

/** Adds `run` to the group given (`taika decoy`). */
export function registerDecoyCommands(command: Command): void {
  const run = command
    .command('run')
    .description('hand in known wrong outputs now and then, until it is told to stop')
    .option('--verbose', 'say more');
  addServerFlags(run, settingsOfDecoy, 'Say that it runs as one JSON line on standard output.').action(
    ({ verbose, ...flags }: ServerFlags) =>
      runAction(flags.json === true, async () => {
        const settings = await readServerSettings(settingsOfDecoy, flags);
        const start: OwnProgram['start'] = (host, options) =>
          runDecoy(host, { ...options, restMs: settings.rest * 60_000 });
        await runUntilTold({ settings, role: 'decoy', start }, flags, verbose === true);
      }),
  );
}

const settingsOfReference = { table: referenceSettings, prefix: referencePrefix };
const settingsOfDecoy = { table: decoySettings, prefix: decoyPrefix };

/** A terminal of the contractor's own, as one of the two commands runs it. */
interface OwnProgram {
  readonly settings: ReferenceSettings;
  readonly role: OwnRole;
  readonly start: (host: Host, options: ReferenceOptions) => RunningReference;
}

async function runUntilTold(
  { settings, role, start }: OwnProgram,
  flags: ServerFlags,
  isVerbose: boolean,
): Promise<void> {
  // Before the signals are listened to: what refuses to start is a sentence, not a stack.
  const terminal = await readKey(settings.key, role);
  const dispatchUrl = await addressOf(settings);
  const host = await createNodeHost(settings.home, {
    log: createConsoleLog(isVerbose),
    terminal,
    // The machine is the contractor's, and a decision waits for it.
    priority: 'ordinary',
  });
  await checkRole(host, dispatchUrl, role);
  const limits = {
    cores: settings.cores || availableParallelism(),
    memoryMiB: settings.memory || Math.max(512, Math.floor(totalmem() / 2 ** 21)),
  };
  await runUntilSignal(async () => {
    const running = start(host, { dispatchUrl, limits });
    void running.answered.then(() => {
      if (flags.json === true) sayJson({ dispatchUrl, role, ...limits });
      else say(`The ${names[role]} works for ${dispatchUrl} on ${limits.cores} cores.`);
    });
    return running;
  });
}

const names = { reference: 'reference executor', decoy: 'decoy' } as const;

/** Refuses to start under a key of another role. A server that cannot be asked now is asked again before anything else is. */
async function checkRole(host: Host, dispatchUrl: string, role: OwnRole): Promise<void> {
  try {
    await createDispatchCalls(host, dispatchUrl, { role }).asTerminal(async () => {});
  } catch (cause) {
    if (cause instanceof WrongRoleError) {
      throw new CommandError(cause.message, { code: cause.code, remedy: cause.remedy, cause });
    }
  }
}

async function addressOf({ dispatchUrl }: ReferenceSettings): Promise<string> {
  const known =
    dispatchUrl ?? required(await readProfile(), 'dispatchUrl', 'Name the server with --dispatch-url.');
  return known.replace(/\/+$/, '');
}

async function readKey(file: string, role: OwnRole): Promise<KeyPair> {
  try {
    return keyPairOf(parsePrivateKey(JSON.parse(await readFile(file, 'utf8'))));
  } catch (cause) {
    throw new CommandError(`${file} holds no private key of a ${names[role]}.`, {
      code: 'no-key',
      remedy: `Have it made by \`taika contractor add-${role} --name NAME --generate-key FILE\`, and name it with --key.`,
      cause,
    });
  }
}
