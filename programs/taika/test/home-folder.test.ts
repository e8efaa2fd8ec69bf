import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { choosePort } from '../src/up/free-port.ts';
import { prepareHome } from '../src/up/home-folder.ts';
import { layoutOf } from '../src/up/layout.ts';
import { readState } from '../src/up/state-file.ts';
import type { Story } from '../src/up/story.ts';

test('the folder is closed to other accounts; somebody else’s keeps its mode', async () => {
  await using folder = await temporary();
  const home = join(folder.path, 'deep', '.taika');
  const layout = layoutOf(home);
  await prepareHome(layout, false);
  assert.equal(await modeOf(home), 0o700);
  assert.equal(await modeOf(layout.logs), 0o700);
  await writeFile(layout.state, '{}');
  await chmod(home, 0o755);
  await prepareHome(layout, true);
  assert.equal(await modeOf(home), 0o711, 'The account of PostgreSQL passes through.');

  const theirs = join(folder.path, 'theirs');
  await mkdir(theirs);
  await writeFile(join(theirs, 'notes.txt'), '');
  await chmod(theirs, 0o755);
  await prepareHome(layoutOf(theirs), false);
  assert.equal(await modeOf(theirs), 0o755);
  assert.equal(await modeOf(layoutOf(theirs).dispatch), 0o700);
});

test('a port is remembered; one that is taken meanwhile is replaced and said', async () => {
  await using folder = await temporary();
  const stateFile = join(folder.path, 'up.json');
  const said: string[] = [];
  const story: Story = { heading: () => {}, step: (_number, text) => said.push(text), show: () => {} };
  const port = await choosePort('dispatch', 0, stateFile, story);
  assert.equal(await choosePort('dispatch', 0, stateFile, story), port);
  assert.deepEqual(said, []);

  const other = createServer();
  await new Promise<void>((done) => other.listen(port, '127.0.0.1', done));
  try {
    const next = await choosePort('dispatch', 0, stateFile, story);
    assert.notEqual(next, port);
    assert.deepEqual(said, [`Port ${port} is taken; ${next} is used.`]);
    assert.deepEqual((await readState(stateFile)).ports, { dispatch: next });
  } finally {
    await new Promise((done) => other.close(done));
  }
});

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'taika-home-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
