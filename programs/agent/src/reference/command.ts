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
import { createConsoleLog } from '../node/console-log.ts';
import { createNodeHost } from '../node/node-host.ts';
import { runReference } from './run-reference.ts';
import { type ReferenceSettings, referencePrefix, referenceSettings } from './settings.ts';

/** Adds `run` to the group given (`taika reference`). */
export function registerReferenceCommands(command: Command): void {
  const run = command
    .command('run')
    .description('compute what must be certain, until it is told to stop')
    .option('--verbose', 'say more');
  addServerFlags(run, settingsOfReference, 'Say that it runs as one JSON line on standard output.').action(
    ({ verbose, ...flags }: ServerFlags) =>
      runAction(flags.json === true, () => runUntilTold(flags, verbose === true)),
  );
}

const settingsOfReference = { table: referenceSettings, prefix: referencePrefix };

async function runUntilTold(flags: ServerFlags, isVerbose: boolean): Promise<void> {
  const settings = await readServerSettings(settingsOfReference, flags);
  // Before the signals are listened to: what refuses to start is a sentence, not a stack.
  const terminal = await readKey(settings.key);
  const dispatchUrl = await addressOf(settings);
  const host = await createNodeHost(settings.home, {
    log: createConsoleLog(isVerbose),
    terminal,
    // The machine is the contractor's, and a decision waits for it.
    priority: 'ordinary',
  });
  const limits = {
    cores: settings.cores || availableParallelism(),
    memoryMiB: settings.memory || Math.max(512, Math.floor(totalmem() / 2 ** 21)),
  };
  await runUntilSignal(async () => {
    const running = runReference(host, { dispatchUrl, limits });
    void running.answered.then(() => {
      if (flags.json === true) sayJson({ dispatchUrl, ...limits });
      else say(`The reference executor works for ${dispatchUrl} on ${limits.cores} cores.`);
    });
    return running;
  });
}

async function addressOf({ dispatchUrl }: ReferenceSettings): Promise<string> {
  const known =
    dispatchUrl ?? required(await readProfile(), 'dispatchUrl', 'Name the server with --dispatch-url.');
  return known.replace(/\/+$/, '');
}

async function readKey(file: string): Promise<KeyPair> {
  try {
    return keyPairOf(parsePrivateKey(JSON.parse(await readFile(file, 'utf8'))));
  } catch (cause) {
    throw new CommandError(`${file} holds no private key of a reference executor.`, {
      code: 'no-key',
      remedy:
        'Have it made by `taika contractor add-reference --name NAME --generate-key FILE`, and name it with --key.',
      cause,
    });
  }
}
