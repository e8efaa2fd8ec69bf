import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where the latest signed instant is kept from one start to the next. Losing it is allowed; failing is not. */
export interface SeenStore {
  read(): Date | undefined;
  write(latest: Date): void;
}

/** The place of one application's memory: `$XDG_STATE_HOME/taika/APP.seen`. */
export function defaultSeenFile(app: string, environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(state, 'taika', `${app}.seen`);
}

/** A SeenStore in a file. */
export function createSeenFile(path: string): SeenStore {
  return {
    read() {
      try {
        const ms = Date.parse(readFileSync(path, 'utf8').trim());
        return Number.isNaN(ms) ? undefined : new Date(ms);
      } catch {
        return undefined;
      }
    },
    write(latest) {
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        writeFileSync(`${path}.new`, `${latest.toISOString()}\n`);
        renameSync(`${path}.new`, path);
      } catch {
        // A full disk or a read-only home must not cost anybody a license.
      }
    },
  };
}
