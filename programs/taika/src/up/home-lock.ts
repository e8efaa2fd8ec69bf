import { readFileSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { CommandError } from '@taika/cli/command-error';
import type { Layout } from './layout.ts';

/**
 * Keeps a second `taika up` away from a folder on which one is running: two would be four servers on the same databases,
 * and whichever left its addresses last would be the one that all commands look for. Throws `CommandError` with who
 * runs there. A lock whose owner was killed is taken over.
 */
export async function lockHome({ home, lock }: Layout): Promise<AsyncDisposable> {
  for (;;) {
    try {
      await using file = await open(lock, 'wx', 0o600);
      await file.writeFile(String(process.pid));
      return { [Symbol.asyncDispose]: () => rm(lock, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (isUp(owner)) {
      throw new CommandError(`\`taika up\` is running on ${home} already (process ${owner}).`, {
        code: 'already-running',
        remedy: `Use that one (TAIKA_HOME=${home}), stop it with Ctrl-C, or start another one with --data FOLDER.`,
        exitCode: 1,
      });
    }
    await rm(lock, { force: true });
  }
}

/** Whether a process lives and is one of ours, as far as the system says: its number may be another's by now. */
function isUp(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('up');
  } catch {
    return false;
  }
}
