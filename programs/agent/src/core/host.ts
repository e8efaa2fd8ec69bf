import type { KeyPair } from '@taika/crypto/keys';
import type { OpenSandbox } from '@taika/runner/sandbox';
import type { Clock } from '@taika/runtime/clock';
import type { Logger } from '@taika/runtime/logger';
import type { Random } from '@taika/runtime/random';

/** Everything the agent's core needs of the place it runs in: a Node process, or a page. */
export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly fetch: typeof fetch;
  readonly openSandbox: OpenSandbox;
  readonly store: StateStore;
  /** The terminal's key pair, made at the first start. */
  readonly terminal: KeyPair;
  /** What this terminal is called in lists; the member may choose another name. */
  readonly terminalName: string;
  readonly agentVersion: string;
}

/** The agent's memory: named JSON documents, each replaced whole or not at all, and one log. */
export interface StateStore {
  read<T>(name: string): Promise<T | undefined>;
  /** Replaces a document by what `change` makes of it; undefined deletes it. Changes of one name never overlap. */
  update<T>(name: string, change: (before: T | undefined) => T | undefined): Promise<void>;
  /** Adds a line to the log of units. */
  appendLog(line: string): Promise<void>;
  readLog(): AsyncIterable<string>;
  /** Deletes results and inputs, or everything. */
  clear(what: 'units' | 'everything'): Promise<void>;
}
