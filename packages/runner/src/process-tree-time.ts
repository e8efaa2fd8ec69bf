import { readFileSync } from 'node:fs';

/**
 * Milliseconds of processor that a living process and all below it have used, as Linux counts them; undefined elsewhere,
 * and where it cannot be read. Walls such as bubblewrap stand between us and the runner, so the tree is summed.
 */
export function processTreeMs(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return treeTicks(pid) * msPerTick;
  } catch {
    return undefined;
  }
}

/** USER_HZ, the unit of /proc, is 100 on every platform that Node has. */
const msPerTick = 10;

function treeTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is a name in parentheses that may hold anything; user and system time are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
  return (
    Number(fields[11]) +
    Number(fields[12]) +
    children.reduce((sum, child) => sum + treeTicks(Number(child)), 0)
  );
}
