/** The editor's own server, without a browser: what it lets through and what it keeps. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type License, LicenseError, type LicenseStatus } from '@taika/license/open-license';
import { openFolder } from '../src/document-folder.ts';
import { startEditorServer } from '../src/editor-server.ts';

test('without a license documents are opened, saved and exported, but none is made', async () => {
  await using editor = await startEditor('restricted');
  writeFileSync(join(editor.directory, 'a.md'), '# A');
  const { json: opened } = await editor.ask('open', { name: 'a.md' });
  assert.equal(opened.text, '# A');
  assert.equal(
    (await editor.ask('save', { name: 'a.md', text: '# B', version: opened.version })).status,
    200,
  );
  assert.equal(readFileSync(join(editor.directory, 'a.md'), 'utf8'), '# B');
  assert.equal((await editor.ask('export', { name: 'a.md', text: '# B' })).status, 200);
  assert.match(readFileSync(join(editor.directory, 'a.html'), 'utf8'), /<h1>B<\/h1>/);
  const { status, json } = await editor.ask('create', { name: 'new.md' });
  assert.deepEqual([status, json.code], [402, 'no_agent']);
  assert.ok(!existsSync(join(editor.directory, 'new.md')));
});

test('without a license saving makes no document, and a save without text changes none', async () => {
  await using editor = await startEditor('restricted');
  writeFileSync(join(editor.directory, 'a.md'), '# A');
  const { json: opened } = await editor.ask('open', { name: 'a.md' });
  for (const version of [undefined, opened.version]) {
    const { status, json } = await editor.ask('save', { name: 'new.md', text: 'new', version });
    assert.deepEqual([status, json.code, json.sentence], [402, 'no_agent', 'Said.']);
  }
  assert.ok(!existsSync(join(editor.directory, 'new.md')));
  for (const body of [
    { name: 'a.md', version: opened.version },
    { name: 'a.md', text: 1, version: opened.version },
  ]) {
    assert.equal((await editor.ask('save', body)).status, 400);
  }
  assert.equal(readFileSync(join(editor.directory, 'a.md'), 'utf8'), '# A');
  const broken = await fetch(new URL('/api/save', editor.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-editor-token': editor.token },
    body: '{',
  });
  assert.equal(broken.status, 400);
});

test('an export replaces an export, and never a file of the member', async () => {
  await using editor = await startEditor('active');
  const file = join(editor.directory, 'mine.html');
  writeFileSync(file, '<h1>My own</h1>');
  const { status, json } = await editor.ask('export', { name: 'mine.md', text: '# Mine' });
  assert.deepEqual([status, json.code], [409, 'exists']);
  assert.equal(readFileSync(file, 'utf8'), '<h1>My own</h1>');
  for (const title of ['One', 'Two']) {
    assert.equal((await editor.ask('export', { name: 'a.md', text: `# ${title}` })).status, 200);
  }
  assert.match(readFileSync(join(editor.directory, 'a.html'), 'utf8'), /<h1>Two/);
});

test('with a license a document is made, and never over another one', async () => {
  await using editor = await startEditor('active');
  assert.equal((await editor.ask('create', { name: 'new.md' })).status, 200);
  assert.equal((await editor.ask('create', { name: 'new.md' })).json.code, 'exists');
});

test('what another program changed is not overwritten', async () => {
  await using editor = await startEditor('active');
  writeFileSync(join(editor.directory, 'a.md'), 'one');
  const { json } = await editor.ask('open', { name: 'a.md' });
  writeFileSync(join(editor.directory, 'a.md'), 'two');
  const saved = await editor.ask('save', { name: 'a.md', text: 'three', version: json.version });
  assert.deepEqual([saved.status, saved.json.code], [409, 'changed']);
  assert.equal(readFileSync(join(editor.directory, 'a.md'), 'utf8'), 'two');
});

test('no name reaches outside the folder', async () => {
  await using editor = await startEditor('active');
  for (const name of ['../a.md', '/etc/passwd', 'a/b.md', '..\\a.md', '.hidden.md', 'a.sh', '', 'a\0.md']) {
    for (const action of ['open', 'save', 'export', 'create']) {
      const { status, json } = await editor.ask(action, { name, text: 'x' });
      assert.deepEqual([status, json.code], [409, 'bad-name'], `${action} ${JSON.stringify(name)}`);
    }
  }
});

test('another page or program of this machine gets nothing: no token, wrong Host, no JSON', async () => {
  await using editor = await startEditor('active');
  const { port } = new URL(editor.url);
  const get = (path: string, headers: Record<string, string>, method = 'GET') =>
    new Promise<number>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end(method === 'POST' ? '{}' : '');
    });
  const host = `127.0.0.1:${port}`;
  const json = 'application/json';
  assert.equal(await get('/', { host }), 403);
  assert.equal(await get('/?token=guess', { host }), 403);
  assert.equal(await get('/events', { host }), 403);
  assert.equal(await get(`/?token=${editor.token}`, { host: `rebound.example:${port}` }), 421);
  assert.equal(await get('/api/documents', { host, 'content-type': json }, 'POST'), 403);
  assert.equal(
    await get(
      '/api/documents',
      { host, 'x-editor-token': editor.token, 'content-type': 'text/plain' },
      'POST',
    ),
    415,
  );
  assert.equal(
    await get('/api/constructor', { host, 'x-editor-token': editor.token, 'content-type': json }, 'POST'),
    404,
  );
  assert.equal(
    await get('/api/documents', { host, 'x-editor-token': editor.token, 'content-type': json }, 'POST'),
    200,
  );
});

test('the script of the page fits its types', () => {
  const tsc = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.bin', 'tsc');
  const { status, stdout } = spawnSync(tsc, ['-p', join(import.meta.dirname, '..', 'page')], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});

async function startEditor(state: LicenseStatus['state']) {
  const scratch = mkdtempSync(join(tmpdir(), 'taika-editor-'));
  const directory = join(scratch, 'documents');
  mkdirSync(directory);
  const token = 'a-token-for-this-test';
  const server = await startEditorServer({
    folder: await openFolder(directory),
    license: fixedLicense(state),
    token,
  });
  return {
    directory,
    token,
    url: server.url,
    async ask(action: string, body: object) {
      const response = await fetch(new URL(`/api/${action}`, server.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-editor-token': token },
        body: JSON.stringify(body),
      });
      return { status: response.status, json: (await response.json()) as Record<string, string> };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** A license that stays as it is; the real one has its own tests. */
function fixedLicense(state: LicenseStatus['state']): License {
  const status = { state, code: 'no_agent', sentence: 'Said.', remedy: 'Done.' };
  return {
    state,
    status,
    on: () => () => {},
    async requireActive() {
      if (state === 'restricted') throw new LicenseError(status);
    },
    async *[Symbol.asyncIterator]() {
      yield status;
    },
    async [Symbol.asyncDispose]() {},
  };
}
