/** `taika local` with directories and patterns as input: packed, split, computed in the sandbox and merged. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { splitInput } from '@taika/job/split';
import type { UnitRange } from '@taika/job/splitter';
import { prepareJob } from '../src/job/prepare-job.ts';
import { runLocal } from '../src/local/run-local.ts';
import { sampleJob } from '../src/quote/sample-job.ts';
import { runTaika } from './run-taika.ts';

const folder = mkdtempSync(join(tmpdir(), 'taika-splits-'));
after(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, 'same.ts'),
  'import { readBytes, writeBytes } from "taika";\nwriteBytes(readBytes());\n',
);
const texts = new Map([
  ['b.txt', 'second'],
  ['a/long.txt', 'x'.repeat(3_000_000)],
  ['a/ä.txt', ''],
  ['c.csv', '1,2'],
]);
mkdirSync(join(folder, 'data', 'a'), { recursive: true });
for (const [name, text] of texts) writeFileSync(join(folder, 'data', name), text);

async function local(lines: string, program = 'same.ts'): Promise<Buffer> {
  const path = join(folder, 'job.yaml');
  writeFileSync(path, `name: same\nprogram: ${program}\nprivacy: public\n${lines}\n`);
  await using job = await prepareJob(path);
  const parts: Uint8Array[] = [];
  for await (const part of runLocal(job, { parallel: 2 })) parts.push(part.slice());
  return Buffer.concat(parts);
}

async function filesOf(archive: Buffer): Promise<[string, string][]> {
  const found: UnitRange[] = [];
  for await (const unit of splitInput({ by: 'files' }, [archive] as never)) found.push(unit);
  return found.map(({ name = '', offset, length }) => [
    name,
    archive.subarray(offset, offset + length).toString(),
  ]);
}

test('a directory goes in and an archive of the same files comes out', async () => {
  const archive = await local('input: data\nsplit: { by: files }\nmerge: { by: zip }');
  const names = ['a/long.txt', 'a/ä.txt', 'b.txt', 'c.csv'];
  assert.deepEqual(
    await filesOf(archive),
    names.map((name) => [name, texts.get(name)]),
  );
});

test('a pattern names some of the files', async () => {
  const way = 'split: { by: files }\nmerge: { by: zip, extension: .out }';
  const archive = await local(`input: data/**/*.txt\n${way}`);
  assert.deepEqual(
    (await filesOf(archive)).map(([name]) => name),
    ['a/long.out', 'a/ä.out', 'b.out'],
  );
});

test('units of an array and of a grid are whole documents of their own', async () => {
  writeFileSync(join(folder, 'list.json'), '[1, [2,3],\n "a,b" ]\n');
  const json = await local('input: list.json\nsplit: { by: json, records: 2 }\nmerge: { by: json }');
  assert.equal(json.toString(), '[1, [2,3],\n "a,b" ]\n');
  const grid = await local(
    'split: { by: grid, axes: { b: [x, y], a: [1, 2] }, records: 3 }\nmerge: { by: csv }',
  );
  assert.equal(grid.toString(), 'a,b\n1,x\n1,y\n2,x\n2,y\n');
});

test('hidden files are left out unless they are named, and links lead to files of the same folder only', async () => {
  const way = 'split: { by: files }\nmerge: { by: zip }';
  const mixed = join(folder, 'mixed');
  mkdirSync(join(mixed, '.git'), { recursive: true });
  mkdirSync(join(mixed, 'sub'));
  for (const name of ['a.txt', '.env', '.git/config', 'sub/b.txt', 'sub/.hidden'])
    writeFileSync(join(mixed, name), name);
  symlinkSync('../a.txt', join(mixed, 'sub', 'link.txt'));
  symlinkSync('/etc/passwd', join(mixed, '.outside'));
  const namesOf = async (input: string) =>
    (await filesOf(await local(`input: ${input}\n${way}`))).map(([name, text]) => `${name}=${text}`);
  assert.deepEqual(await namesOf('mixed'), ['a.txt=a.txt', 'sub/b.txt=sub/b.txt', 'sub/link.txt=a.txt']);
  assert.deepEqual(await namesOf('mixed/**/*'), ['a.txt=a.txt', 'sub/b.txt=sub/b.txt', 'sub/link.txt=a.txt']);
  assert.deepEqual(await namesOf('mixed/.e*'), ['.env=.env']);
  assert.deepEqual(await namesOf('mixed/.git/*'), ['config=.git/config']);
  const notes: string[] = [];
  const path = join(folder, 'job.yaml');
  writeFileSync(path, `name: x\nprogram: same.ts\nprivacy: public\ninput: mixed\n${way}\n`);
  await using _ = await prepareJob(path, { onNote: (note) => notes.push(note) });
  assert.match(
    notes.join(),
    /mixed: 3 files; 4 hidden files left out \(a pattern such as data\/\.\* names them\)/,
  );
  await assert.rejects(local(`input: mixed/.*\n${way}`), {
    message: /\.outside is a link to \/etc\/passwd, outside of/,
    remedy: /as a file/,
  });
  symlinkSync('nowhere', join(mixed, 'broken'));
  await assert.rejects(local(`input: mixed\n${way}`), /broken is a link that leads nowhere/);
  rmSync(join(mixed, 'broken'));
  symlinkSync('sub', join(mixed, 'folder'));
  await assert.rejects(local(`input: mixed\n${way}`), /folder is a link to a folder/);
});

test('a directory with another split, an empty pattern and an input too many are refused with what to do', async () => {
  await assert.rejects(local('input: data\nsplit: { by: lines, records: 1 }\nmerge: { by: lines }'), {
    message: /more than one file.*split by lines/,
    remedy: /by: files/,
  });
  await assert.rejects(local('input: data/*.png\nsplit: { by: files }\nmerge: { by: zip }'), /holds no file/);
  await assert.rejects(
    local('input: data\nsplit: { by: grid, axes: { a: [1] }, records: 1 }\nmerge: { by: csv }'),
    /a split by grid makes its own units, so there can be no input/,
  );
});

test('a program of the customer cuts the input, and its units come back in order', async () => {
  writeFileSync(
    join(folder, 'paragraphs.ts'),
    `import { readPart, isLastPart, cutUnit, cutHeader } from "taika";
function cutParagraphs(): void {
  const part = readPart();
  let start = 0;
  if (part[0] == 35) { start = part.indexOf(10) + 1; cutHeader(start); }
  for (let at = start + 1; at < part.length; at++) {
    if (part[at] == 10 && part[at - 1] == 10) { cutUnit(at + 1 - start); start = at + 1; }
  }
  if (isLastPart() && start < part.length) cutUnit(part.length - start);
}
cutParagraphs();
`,
  );
  writeFileSync(
    join(folder, 'number.ts'),
    `import { readText, writeLine, unitIndex } from "taika";
writeLine(unitIndex().toString() + " " + readText().split("\\n").join("/"));
`,
  );
  writeFileSync(join(folder, 'text.txt'), '# head\none\ntwo\n\nthree\n\nfour');
  const result = await local(
    'input: text.txt\nsplit: { by: program, program: paragraphs.ts }\nmerge: { by: lines }',
    'number.ts',
  );
  assert.equal(result.toString(), '0 # head/one/two//\n1 # head/three//\n2 # head/four\n');
});

test('units are sized by seconds of the reference machine, and a program that fails on the sample is told', async () => {
  writeFileSync(
    join(folder, 'loop.ts'),
    `import { readLines, writeLine, unitCount, fail } from "taika";
function work(times: i32): i32 {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += (i ^ sum) & 7;
  return sum;
}
const lines = readLines();
for (let i = 0; i < lines.length; i++) if (lines[i] == "bad") fail("a bad line");
for (let i = 0; i < lines.length; i++) work(1_000_000);
writeLine(lines.length.toString());
`,
  );
  writeFileSync(join(folder, 'rows.txt'), 'row\n'.repeat(40));
  const way = 'input: rows.txt\nsplit: { by: lines, targetSeconds: 0.1 }\nmerge: { by: concat }';
  const sizes = (await local(way, 'loop.ts')).toString().trim().split('\n').map(Number);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    40,
  );
  assert.ok(sizes.length > 1 && sizes.length < 40, `Units of ${sizes} records.`);
  assert.deepEqual((await local(way, 'loop.ts')).toString().trim().split('\n').map(Number), sizes);
  writeFileSync(join(folder, 'rows.txt'), 'bad\n'.repeat(40));
  await assert.rejects(local(way, 'loop.ts'), /first 1 records.*exit code 1 and wrote: a bad line/s);
});

test('a merge program makes one result of all outputs, some at a time', async () => {
  writeFileSync(join(folder, 'count.ts'), countWords);
  writeFileSync(join(folder, 'add.ts'), addCounts);
  writeFileSync(join(folder, 'words.txt'), 'one two\nthree\n'.repeat(25));
  const way = 'input: words.txt\nsplit: { by: lines, records: 3 }';
  const result = await local(`${way}\nmerge: { by: program, program: add.ts, fanIn: 4 }`, 'count.ts');
  assert.equal(result.toString(), '75 of 17\n');
});

const countWords = `import { readLines, writeLine } from "taika";
const lines = readLines();
let words = 0;
for (let i = 0; i < lines.length; i++) words += lines[i].split(" ").length;
writeLine(words.toString() + " of 1");
`;

const addCounts = `import { readParts, writeLine } from "taika";
const parts = readParts();
let words: i64 = 0;
let units: i64 = 0;
for (let i = 0; i < parts.length; i++) {
  const text = String.UTF8.decode(parts[i].slice(0).buffer).trim().split(" of ");
  words += I64.parseInt(text[0]);
  units += I64.parseInt(text[1]);
}
writeLine(words.toString() + " of " + units.toString());
`;

test('a quote counts a header with each unit that reads it', async () => {
  const path = join(folder, 'header.yaml');
  writeFileSync(join(folder, 'table.csv'), 'a,b\n1,2\n3,4\n5,6\n');
  const bytesOf = async (header: boolean) => {
    writeFileSync(
      path,
      `name: h\nprogram: same.ts\nprivacy: public\ninput: table.csv\nsplit: { by: csv, header: ${header}, records: 1 }\nmerge: { by: lines }\n`,
    );
    await using job = await prepareJob(path);
    const { units, inputBytes, outputBytes } = await sampleJob(job, { parallel: 1, samples: 9 });
    return [units, inputBytes, Number(outputBytes.likely)];
  };
  assert.deepEqual(await bytesOf(true), [3, 3 * 8, 3 * 8]);
  assert.deepEqual(await bytesOf(false), [4, 4 * 4, 4 * 4]);
});

test('a limit in any currency does not keep a job from being computed here, before the first login', async () => {
  const path = join(folder, 'priced.yaml');
  writeFileSync(
    path,
    'name: p\nprogram: same.ts\nprivacy: public\nmaxPrice: 5 EUR\nsplit: { by: range, from: 0, to: 2, records: 1 }\nmerge: { by: lines }\n',
  );
  const local = await runTaika(['local', path, '-o', '-', '--quiet'], { TAIKA_HOME: join(folder, 'nobody') });
  assert.deepEqual([local.code, local.stdout], [0, '0\n1\n'], local.stderr);
  const run = await runTaika(['run', path], { TAIKA_HOME: join(folder, 'nobody') });
  assert.equal(run.code, 2);
  assert.match(run.stderr, /Log in with `taika login/);
});
