import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sandbox, SandboxOptions } from '@taika/runner/sandbox';
import { createWarmSandboxes } from './warm-sandboxes.ts';

/** Counts what is open; a sandbox says which job it was told last. */
function createStand() {
  const open = new Map<Sandbox, number>();
  const told: number[] = [];
  let opened = 0;
  const sleepers: (() => void)[] = [];
  const sandboxes = createWarmSandboxes(
    async ({ job }) => {
      opened += 1;
      told.push(job.round);
      const sandbox: Sandbox = {
        level: 1,
        run: () => assert.fail('Nothing is run here.'),
        renew: ({ round }) => {
          if (round === refusedRound) throw new Error('A sandbox runs one program.');
          told.push(round);
        },
        [Symbol.asyncDispose]: async () => {
          open.delete(sandbox);
        },
      };
      open.set(sandbox, opened);
      return sandbox;
    },
    {
      sleep: (_ms, signal) =>
        new Promise((resolve, reject) => {
          sleepers.push(resolve);
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    },
  );
  const use = async (key: string, { program = 'p', round = 0 } = {}) =>
    sandboxes.borrow({ key, program, options: async () => ({ job: { round } }) as SandboxOptions });
  return {
    sandboxes,
    use,
    open,
    told,
    opened: () => opened,
    wake: () => {
      for (const go of sleepers.splice(0)) go();
    },
  };
}

const refusedRound = 99;
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the next round of a job, a job of its own, has the sandbox of the round before', async () => {
  const { sandboxes, use, open, told, opened, wake } = createStand();
  for (let round = 0; round < 5; round++) {
    (await use(`round-${round}`, { round }))[Symbol.dispose]();
    sandboxes.retire((key) => key === `round-${round}`);
  }
  assert.deepEqual([opened(), open.size, told], [1, 1, [0, 1, 2, 3, 4]]);
  wake();
  await settled();
  assert.equal(open.size, 0, 'Nobody came in time.');
});

test('a sandbox that its own job comes back for is not closed under it', async () => {
  const { sandboxes, use, open, wake } = createStand();
  (await use('a'))[Symbol.dispose]();
  sandboxes.retire(() => true);
  const again = await use('a');
  wake();
  await settled();
  assert.equal(open.size, 1);
  again[Symbol.dispose]();
  await settled();
  assert.equal(open.size, 0);
});

test('another program, and one that is used or was told to close, is not shared', async () => {
  const { sandboxes, use, open, opened, wake } = createStand();
  const used = await use('a');
  sandboxes.retire((key) => key === 'a');
  (await use('b'))[Symbol.dispose]();
  assert.equal(opened(), 2, 'What is used is its job’s alone.');
  used[Symbol.dispose]();
  await settled();
  assert.equal(open.size, 1, 'What was used when its job ended is closed at once.');
  sandboxes.retire((key) => key === 'b');
  (await use('c', { program: 'other' }))[Symbol.dispose]();
  assert.equal(opened(), 3);
  sandboxes.forget(() => true);
  await settled();
  assert.equal(open.size, 0, 'A member who pauses, or changes limits, has everything closed.');
  wake();
  await settled();
});

test('a sandbox that cannot be renewed is closed, and a new one is opened; the end closes all', async () => {
  const { sandboxes, use, open, opened } = createStand();
  (await use('a'))[Symbol.dispose]();
  sandboxes.retire(() => true);
  (await use('b', { round: refusedRound }))[Symbol.dispose]();
  assert.deepEqual([opened(), open.size], [2, 1]);
  sandboxes.retire(() => true);
  await sandboxes[Symbol.asyncDispose]();
  assert.equal(open.size, 0);
});

test('an idle sandbox goes to another job with the same program, though nobody said that its own is over', async () => {
  const { use, open, told, opened } = createStand();
  for (let round = 0; round < 5; round++) (await use(`round-${round}`, { round }))[Symbol.dispose]();
  assert.equal(opened(), 1);
  assert.equal(open.size, 1);
  assert.deepEqual(told, [0, 1, 2, 3, 4]);
  const held = await use('round-4', { round: 4 });
  (await use('round-5', { round: 5 }))[Symbol.dispose]();
  assert.equal(opened(), 2, 'One that is in use is left alone.');
  held[Symbol.dispose]();
});
