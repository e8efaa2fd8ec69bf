import { hostname } from 'node:os';
import type { KeyPair } from '@taika/crypto/keys';
import { openSandbox } from '@taika/runner/open-sandbox';
import type { SandboxPriority } from '@taika/runner/sandbox';
import { systemClock } from '@taika/runtime/clock';
import { type Logger, silentLogger } from '@taika/runtime/logger';
import { systemRandom } from '@taika/runtime/random';
import type { Host } from '../core/host.ts';
import { agentVersion } from '../version.ts';
import { createFileStore } from './file-store.ts';
import { createFileKeyStore } from './key-store.ts';

export interface NodeHostOptions {
  /** Default: nothing is said. */
  readonly log?: Logger;
  /** Default: the one in `home`. */
  readonly terminal?: KeyPair;
  /** How customers' programs stand to the member's own. Default: behind everything else. */
  readonly priority?: SandboxPriority;
}

/** The host of a Node process with its memory in `home`. */
export async function createNodeHost(
  home: string,
  { log = silentLogger, terminal, priority = 'lowest' }: NodeHostOptions = {},
): Promise<Host> {
  return {
    clock: systemClock,
    random: systemRandom,
    log,
    fetch: globalThis.fetch,
    openSandbox: (options) => openSandbox({ priority, ...options }),
    store: createFileStore(home),
    terminal: terminal ?? (await createFileKeyStore(home).load()),
    terminalName: hostname().slice(0, 200) || 'terminal',
    agentVersion,
  };
}
