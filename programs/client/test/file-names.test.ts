import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { parseJobFile } from '@taika/job/parse-job-file';
import { fileSource } from '../src/job/blob-source.ts';
import { checkFiles } from '../src/job/check-files.ts';
import { findFiles } from '../src/job/find-files.ts';
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

test('the folders that a job lies in are no pattern, whatever they are called', async () => {
  for (const name of ['a1', 'a2', 'a[12]', 'b (1) {x,y}?*']) {
    await mkdir(join(folder, name, 'data', 'in [2]'), { recursive: true });
    await writeFile(join(folder, name, 'data', `${name}.txt`), name);
    await writeFile(join(folder, name, 'data', 'in [2]', 'deep.txt'), name);
  }
  for (const name of ['a[12]', 'b (1) {x,y}?*']) {
    const from = join(folder, name);
    const data = join(from, 'data');
    assert.deepEqual(await findFiles(join(data, '*.txt'), from), found(data, [`${name}.txt`]));
    assert.deepEqual(
      await findFiles(join(data, '*.txt'), join(data, 'in [2]')),
      found(data, [`${name}.txt`]),
    );
    assert.deepEqual(
      await findFiles(join(data, '**', '*.txt'), from),
      found(data, [`${name}.txt`, 'in [2]/deep.txt']),
    );
    assert.deepEqual(
      await findFiles(join(data, 'in [2]', '*.txt'), from),
      found(join(data, 'in [2]'), ['deep.txt']),
    );
    assert.equal(await findFiles(join(data, 'none.txt'), from), undefined);
  }
  assert.deepEqual(
    await findFiles(join(folder, 'a[1]', 'data', '*.txt'), folder),
    found(folder, ['a1/data/a1.txt']),
  );
});

test('a name with a backslash is refused before anything is packed, and says to rename it', {
  skip: process.platform === 'win32',
}, async () => {
  const path = join(folder, 'backslash');
  await mkdir(path);
  await writeFile(join(path, 'a\\b.txt'), 'x');
  await assert.rejects(open(path, 'concat'), {
    code: 'job-file',
    message: /a\\b\.txt has a backslash/,
    remedy: /^Rename the file/,
  });
});

test('a file that no unit holds is refused before the files before it are packed', async () => {
  const path = join(folder, 'large');
  await mkdir(path);
  await writeFile(join(path, 'a.txt'), 'x');
  const large = join(path, 'b.bin');
  await writeFile(large, '');
  await truncate(large, 2 ** 30);
  await checkFiles({ merge: { by: 'concat' } }, { folder: path, names: ['a.txt', 'b.bin'] });
  await truncate(large, 2 ** 30 + 1);
  const notes: string[] = [];
  await assert.rejects(open(path, 'concat', notes), {
    message: `${large} is too large: a unit holds at most 1 GiB.`,
  });
  assert.deepEqual(notes, []);
});

test('more files than a zip merge holds are refused before they are looked at', async () => {
  const names = Array.from({ length: 1_000_001 }, (_, at) => `${at}.txt`);
  await assert.rejects(checkFiles({ merge: { by: 'zip' } }, { folder: '/nowhere', names }), {
    message: 'The input /nowhere has 1000001 files, and the job may have 1000000.',
  });
});

test('a pipe by its name is read to its end and kept, as one that is piped in', {
  skip: process.platform === 'win32',
}, async () => {
  const path = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [path]);
  const text = 'a\n'.repeat(100_000);
  const [source] = await Promise.all([fileSource(path), writeFile(path, text)]);
  assert.equal(source.bytes, text.length);
  assert.equal(Buffer.from(await source.read(text.length - 4, 4)).toString(), 'a\na\n');
  assert.equal(Buffer.from(await source.read(0, 2)).toString(), 'a\n');
  await source.close();
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

function found(path: string, names: readonly string[]) {
  return { folder: path, names: [...names].sort(), hidden: 0 };
}

function open(path: string, merge: string, notes: string[] = []) {
  const text = `name: a
program: ./p.ts
input: x
split: { by: files }
merge: { by: ${merge} }
privacy: public
`;
  return openInput(parseJobFile(text, 'job.yaml'), { kind: 'path', path, from: folder }, (note) =>
    notes.push(note),
  );
}
