import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { waitFor } from '@taika/testing/wait-for';
import { groupNiceness } from '../src/lower-priority.ts';
import { openSandbox } from '../src/open-sandbox.ts';
import { echo, sandboxOptions } from './programs.ts';

test('everything of a runner comes last, also where the kernel groups processes by session', async (context) => {
  const own = await groupNiceness(process.pid);
  context.diagnostic(own === undefined ? 'This kernel has no such groups.' : 'This kernel has such groups.');
  for (const levelMax of [1, 2, 3] as const) {
    await using sandbox = await openSandbox(sandboxOptions(echo, {}, { levelMax, priority: 'lowest' }));
    const { pid } = sandbox as unknown as { pid: number };
    const all = [pid, ...descendantsOf(pid)];
    for (const each of all) {
      assert.equal(getPriority(each), 19);
      if (own === undefined) continue;
      await waitFor('the group is nice', async () => (await groupNiceness(each)) === 19);
    }
    assert.equal(await groupNiceness(process.pid), own, 'Our own session is left alone.');
  }
});

/** Processes that a process started, and those again; none where there is no /proc. */
function descendantsOf(pid: number): number[] {
  if (process.platform !== 'linux') return [];
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]);
  } catch {
    return undefined;
  }
}
