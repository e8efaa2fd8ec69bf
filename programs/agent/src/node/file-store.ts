import { createReadStream } from 'node:fs';
import { appendFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StateStore } from '../core/host.ts';

/** The log of units is cut into pieces of this size, of which the last few are kept. */
const logBytesMax = 8 * 1024 * 1024;
const logPieces = 4;

/** The agent's memory in a directory of mode 0700; each file is replaced whole, so that a crash leaves the old or the new. */
export function createFileStore(home: string): StateStore {
  const turns = new Map<string, Promise<unknown>>();
  const log = join(home, 'log', 'units.ndjson');
  /** After everything was deleted nothing is written any more: what still runs must not bring the home back. */
  let isGone = false;

  /** Steps of one name run one after the other. */
  function inTurn<T>(name: string, step: () => Promise<T>): Promise<T> {
    const turn = (turns.get(name) ?? Promise.resolve()).then(step, step);
    turns.set(name, turn);
    return turn;
  }

  async function read<T>(name: string): Promise<T | undefined> {
    const file = fileOf(home, name);
    const text = await readFile(file, 'utf8').catch(ignoreMissing);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new Error(`The file ${file} is damaged.`, { cause: error });
    }
  }

  return {
    read,
    update: <T>(name: string, change: (before: T | undefined) => T | undefined) =>
      inTurn(name, async () => {
        if (isGone) return;
        const before = await read<T>(name);
        const after = change(before);
        if (after === undefined) await rm(fileOf(home, name), { force: true });
        else await replaceFile(fileOf(home, name), `${JSON.stringify(after, undefined, 2)}\n`);
      }),
    appendLog: (line) =>
      inTurn('log', async () => {
        if (isGone) return;
        await mkdir(join(home, 'log'), { recursive: true, mode: 0o700 });
        const { size = 0 } = (await stat(log).catch(ignoreMissing)) ?? {};
        if (size > logBytesMax) await shiftPieces(log);
        await appendFile(log, `${line}\n`, { mode: 0o600 });
      }),
    async *readLog() {
      for (let piece = logPieces - 1; piece >= 0; piece--) {
        const file = pieceOf(log, piece);
        if ((await stat(file).catch(ignoreMissing)) === undefined) continue;
        yield* createInterface({
          input: createReadStream(file, 'utf8'),
          crlfDelay: Number.POSITIVE_INFINITY,
        });
      }
    },
    async clear(what) {
      // Inputs and results are kept in memory only; what they were is in the log.
      if (what === 'units') return rm(join(home, 'log'), { recursive: true, force: true });
      isGone = true;
      await Promise.all(turns.values());
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Writes a file of mode 0600 so that after a crash it is there whole, old or new. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}.new`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}

function fileOf(home: string, name: string): string {
  return join(home, `${name}.json`);
}

function pieceOf(log: string, piece: number): string {
  return piece === 0 ? log : `${log}.${piece}`;
}

async function shiftPieces(log: string): Promise<void> {
  for (let piece = logPieces - 1; piece > 0; piece--) {
    await rename(pieceOf(log, piece - 1), pieceOf(log, piece)).catch(ignoreMissing);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
