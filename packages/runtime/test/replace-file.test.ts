import assert from 'node:assert/strict';
import { mkdtempDisposable, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { replaceFile } from '../src/replace-file.ts';

test('a file is replaced whole, is its owner’s alone, and leaves nothing beside it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'taika-replace-'));
  const path = join(folder.path, 'deep', 'file.json');
  await replaceFile(path, 'old and long');
  await replaceFile(path, 'new');
  assert.equal(await readFile(path, 'utf8'), 'new');
  assert.deepEqual(await readdir(join(folder.path, 'deep')), ['file.json']);
  if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600);
});
