import { readFile, writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** The kernel takes one such change in a tenth of a second from all users together, and refuses the others. */
const attemptsMax = 20;
const attemptEveryMs = 150;

/**
 * Puts a process that leads a session of its own behind everything else on the machine. Its own nice value is not
 * enough: where Linux groups processes by session (`sched_autogroup_enabled`, the rule on desktops), niceness counts
 * inside the group only, and a runner at nice 19 took a fair share from the member's programs (24 % beside a full
 * machine). So the group is made nice too. The group must be the process's own: never call this for one that shares a
 * session with the member's programs. Resolves when it is done or cannot be.
 */
export async function lowerPriority(pid: number): Promise<void> {
  try {
    // Where `nice` is missing. It reaches only the threads that exist already or are started later.
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // The process may have ended already, and then says so itself.
  }
  const group = `/proc/${pid}/autogroup`;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const refusal = await writeFile(group, '19').then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (refusal !== 'EAGAIN') return;
    await pause(attemptEveryMs, undefined, { ref: false });
  }
}

/** The nice value of a process's group, or undefined where the kernel has no such groups. */
export async function groupNiceness(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/autogroup`, 'utf8').catch(() => '');
  const [, niceness] = / nice (-?\d+)/.exec(text) ?? [];
  return niceness === undefined ? undefined : Number(niceness);
}
