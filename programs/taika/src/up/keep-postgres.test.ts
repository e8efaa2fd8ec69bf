import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watch } from './keep-postgres.ts';

test('a restart that fails is told once and tried again until it succeeds', async () => {
  const stopping = new AbortController();
  const told: string[] = [];
  let attempts = 0;
  await watch(stopping.signal, {
    everyMs: 1,
    isThere: async () => false,
    async restart() {
      attempts += 1;
      if (attempts < 4) throw new Error(`disk ${attempts}`);
      stopping.abort();
    },
    onTrouble: (error) => told.push((error as Error).message),
  });
  assert.equal(attempts, 4);
  assert.deepEqual(told, ['disk 1']);
});
