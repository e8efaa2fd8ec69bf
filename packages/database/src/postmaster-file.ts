import { readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';

/** What a running PostgreSQL writes into its `postmaster.pid`. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  readonly text: string;
}

/** Reads `postmaster.pid` of a data directory; undefined when there is none or it is only half written. */
export async function readPostmasterFile(data: string): Promise<PostmasterFile | undefined> {
  const text = await readIfThere(pathIn(data));
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return text !== undefined && pid > 0 && port > 0 ? { pid, port, text } : undefined;
}

/** Whether the file exists at all, even half written. PostgreSQL removes it as the last thing of an orderly stop. */
export async function hasPostmasterFile(data: string): Promise<boolean> {
  return (await readIfThere(pathIn(data))) !== undefined;
}

/**
 * Whether the process that the file names is a PostgreSQL on this directory. The number alone proves nothing: after a
 * restart of a container the same small number belongs to something else, and PostgreSQL itself would then refuse to start.
 */
export async function isPostmasterAlive(data: string, pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives but is another account's, as PostgreSQL is when we are not root any more.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
      return false;
    }
  }
  if (platform() !== 'linux') {
    return true;
  }
  // PostgreSQL changes into its data directory. Not readable means another account's process: judge by its name.
  const directory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (directory !== undefined) {
    return directory === data;
  }
  const name = await readIfThere(`/proc/${pid}/comm`);
  const state = await readIfThere(`/proc/${pid}/stat`);
  return name?.trim() === 'postgres' && !/\) Z /.test(state ?? '');
}

/** Removes a file whose process is gone. Moves it away first, so that a file which a new PostgreSQL wrote meanwhile is put back. */
export async function removeStalePostmasterFile(data: string, stale: PostmasterFile): Promise<void> {
  const path = pathIn(data);
  const aside = `${path}.stale-${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readIfThere(aside);
  if (moved !== undefined && moved !== stale.text) {
    await writeFile(path, moved, { flag: 'wx' }).catch(() => {});
  }
  await rm(aside, { force: true });
}

function pathIn(data: string): string {
  return join(data, 'postmaster.pid');
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return undefined;
    }
    throw error;
  }
}
