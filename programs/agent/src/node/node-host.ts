import { hostname } from 'node:os';
import type { KeyPair } from '@taika/crypto/keys';
import { openSandbox } from '@taika/runner/open-sandbox';
import { systemClock } from '@taika/runtime/clock';
import { type Logger, silentLogger } from '@taika/runtime/logger';
import { systemRandom } from '@taika/runtime/random';
import type { Host } from '../core/host.ts';
import { agentVersion } from '../version.ts';
import { createFileStore } from './file-store.ts';
import { createFileKeyStore } from './key-store.ts';

/** The host of a Node process with its memory in `home`; the terminal's key lies there too unless it is given. */
export async function createNodeHost(
  home: string,
  log: Logger = silentLogger,
  terminal?: KeyPair,
): Promise<Host> {
  return {
    clock: systemClock,
    random: systemRandom,
    log,
    fetch: globalThis.fetch,
    openSandbox,
    store: createFileStore(home),
    terminal: terminal ?? (await createFileKeyStore(home).load()),
    terminalName: hostname().slice(0, 200) || 'terminal',
    agentVersion,
  };
}
