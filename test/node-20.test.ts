/** The command line starts on a machine whose own Node is older than the one it needs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { test } from 'node:test';
import { runProgram, succeeded } from './run-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

const taikaFile = resolve('programs/taika/bin/taika.js');
const nodeMax = 25;

/** Directories of the path, but those that npm puts there, which hold the pinned Node. */
const ownPath = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules') && !folder.includes('node-gyp'));

test('an old Node runs the command line by starting the pinned one', async (t) => {
  const old = findOldNode();
  if (old === undefined) {
    t.diagnostic('This machine has no Node older than 26, so a Node that calls itself older was used.');
    await using folder = await temporaryFolder('old-node');
    // Read before anything else, it makes this Node say that it is another one; its children are themselves again.
    const disguise = join(folder.path, 'disguise.cjs');
    await writeFile(
      disguise,
      `Object.defineProperty(process.versions, 'node', { value: '20.11.0' }); delete process.env.NODE_OPTIONS;`,
    );
    const ended = await runProgram([process.execPath, taikaFile, '--version'], {
      environment: { NODE_OPTIONS: `--require=${disguise}` },
    });
    assert.match(succeeded(ended), /^\d+\.\d+\.\d+\n$/);
    return;
  }
  t.diagnostic(`Node ${old.version} at ${old.file}`);
  const words = { PATH: ownPath.join(delimiter) };
  const version = await runProgram([old.file, taikaFile, '--version'], { environment: words });
  assert.match(succeeded(version), /^\d+\.\d+\.\d+\n$/);
  assert.equal(version.stderr, '', 'No warning, and nothing about the other Node.');
  const misused = await runProgram([old.file, taikaFile, 'frobnicate'], { environment: words });
  assert.equal(misused.code, 2, 'Exit codes pass through.');
});

test('the link that npm puts on the path works too', async () => {
  await using folder = await temporaryFolder('path');
  await symlink(taikaFile, join(folder.path, 'taika'));
  const path = [folder.path, ...ownPath].join(delimiter);
  const node = findOldNode() ?? { file: process.execPath };
  const ended = await runProgram([node.file, join(folder.path, 'taika'), '--version'], {
    environment: { PATH: path },
  });
  assert.match(succeeded(ended), /^\d+\.\d+\.\d+\n$/);
});

function findOldNode(): { readonly file: string; readonly version: string } | undefined {
  for (const folder of ownPath) {
    const file = join(folder, process.platform === 'win32' ? 'node.exe' : 'node');
    const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    const version = /^v((\d+)\.\S+)/.exec(stdout ?? '');
    if (status === 0 && version !== null && Number(version[2]) <= nodeMax)
      return { file, version: version[1] ?? '' };
  }
  return undefined;
}
