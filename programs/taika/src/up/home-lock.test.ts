import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockHome } from './home-lock.ts';
import { layoutOf } from './layout.ts';

test('a folder is locked until its owner is done, and a lock of the dead is taken over', async () => {
  const home = await mkdtemp(join(tmpdir(), 'taika-lock-'));
  try {
    const layout = layoutOf(home);
    // No process has so large a number.
    await writeFile(layout.lock, '4194999');
    {
      await using _held = await lockHome(layout);
      assert.equal(await readFile(layout.lock, 'utf8'), String(process.pid));
    }
    await assert.rejects(readFile(layout.lock), { code: 'ENOENT' });
    await (await lockHome(layout))[Symbol.asyncDispose]();
  } finally {
    await rm(home, { recursive: true });
  }
});
