import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseJobFile } from '@taika/job/parse-job-file';
import { openInput } from '../src/job/find-input.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taika-names-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('files whose outputs would have one name in the archive are refused before they are read', async () => {
  const path = join(folder, 'same');
  await mkdir(path);
  for (const name of ['a.md', 'a.png', 'b.txt']) await writeFile(join(path, name), name);
  await assert.rejects(open(path, 'zip, extension: .png'), {
    code: 'job-file',
    message: "The outputs of the input's files a.md and a.png would both be a.png in the merged archive.",
  });
  const notes: string[] = [];
  await (await open(path, 'zip', notes))?.close();
  assert.deepEqual(notes, [`${path}: 3 files.`]);
});

test('a folder with one file says so', async () => {
  const path = join(folder, 'one');
  await mkdir(path);
  await writeFile(join(path, 'a.md'), 'a');
  const notes: string[] = [];
  await (await open(path, 'zip', notes))?.close();
  assert.deepEqual(notes, [`${path}: 1 file.`]);
});

test('a file name that is not UTF-8 is refused with a sentence', {
  skip: process.platform !== 'linux',
}, async () => {
  for (const name of ['a\xff.txt', 'folder\xff/a.txt']) {
    const path = await mkdtemp(join(folder, 'bytes-'));
    const file = Buffer.concat([Buffer.from(`${path}/`), Buffer.from(name, 'latin1')]);
    if (name.includes('/')) await mkdir(file.subarray(0, file.lastIndexOf('/')));
    await writeFile(file, 'x');
    await assert.rejects(open(path, 'zip'), { code: 'job-file', message: /The name of .* is not UTF-8\.$/ });
  }
});

function open(path: string, merge: string, notes: string[] = []) {
  const text = `name: a
program: ./p.ts
input: x
split: { by: files }
merge: { by: ${merge} }
privacy: public
`;
  return openInput(parseJobFile(text, 'job.yaml'), { kind: 'path', path }, (note) => notes.push(note));
}
