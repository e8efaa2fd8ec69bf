import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { checkOutput, writeOutput } from '@taika/cli/output-file';
import { openedSource } from '../src/job/blob-source.ts';
import { spool } from '../src/job/spool.ts';
import { runTaika } from './run-taika.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taika-output-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('where nothing can be written is said before anything is computed', async () => {
  await assert.rejects(
    checkOutput(join(folder, 'no', 'x.csv')),
    /x\.csv cannot be written: there is no such folder/,
  );
  await assert.rejects(checkOutput(folder), { code: 'EISDIR' });
  await checkOutput(join(folder, 'x.csv'));
  await checkOutput('/dev/null');
  await checkOutput('-');
  assert.deepEqual(await readdir(folder), []);
});

test('the command says so in a sentence, without our insides, and before it connects', async () => {
  const words = ['run', 'examples/weather/job.yaml', '-o', join(folder, 'no', 'x.csv')];
  for (const [verb = '', ...rest] of [words, ['local', ...words.slice(1)]]) {
    const { code, stderr } = await runTaika([verb, ...rest], { TAIKA_HOME: folder });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /there is no such folder\.\n {2}What to do: Name another file/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  }
});

test('what is misused is one JSON object where JSON was asked for', async () => {
  for (const words of [
    ['logs', '--json'],
    ['local', 'job.yaml', '--parallel', 'abc', '--json'],
    ['jobs', '--json', '--no-such-option'],
    ['jobs', '--json', '--no-such\u009b31m\u202eoption'],
  ]) {
    const { code, stdout, stderr } = await runTaika(words, { TAIKA_HOME: folder });
    assert.deepEqual([code, stdout], [2, '']);
    assert.doesNotMatch(stderr, /\u009b|\u202e/);
    const { error } = JSON.parse(stderr);
    assert.equal(error.code, 'usage');
    assert.doesNotMatch(error.sentence, /^error|\n/);
    assert.match(error.remedy, /^Run it with --help/);
  }
  const { stderr } = await runTaika(['logs'], { TAIKA_HOME: folder });
  assert.match(stderr, /^taika: missing required argument 'job'\n\s+What to do: run it with --help/);
});

test('a result never overwrites the job file, a program or the input', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'taika-job-'));
  t.after(() => rm(place, { recursive: true, force: true }));
  const texts = {
    'job.yaml':
      'name: a\nprogram: p.ts\ninput: in.txt\nfiles: { more: more.txt }\nsplit: { by: lines, records: 1 }\nmerge: { by: lines }\nprivacy: public\n',
    'p.ts': 'import { write } from "taika";\nwrite("x");\n',
    'in.txt': 'a\n',
    'more.txt': 'b\n',
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(place, name), text);
  for (const [name, text] of Object.entries(texts)) {
    const path = join(place, name);
    const { code, stderr } = await runTaika(['local', join(place, 'job.yaml'), '-o', path], {});
    assert.equal(code, 2, stderr);
    assert.match(stderr, /would be overwritten/);
    assert.equal(await readFile(path, 'utf8'), text);
  }
});

test('nor a file of a folder or a pattern that is the input', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'taika-job-'));
  t.after(() => rm(place, { recursive: true, force: true }));
  await writeFile(join(place, 'p.ts'), 'import { write } from "taika";\nwrite("x");\n');
  await mkdir(join(place, 'data'));
  const taken = join(place, 'data', 'a.txt');
  for (const name of ['a.txt', 'b.txt']) await writeFile(join(place, 'data', name), name);
  for (const input of ['data', 'data/*.txt']) {
    const job = join(place, 'job.yaml');
    await writeFile(
      job,
      `name: a\nprogram: p.ts\ninput: ${input}\nsplit: { by: files }\nmerge: { by: lines }\nprivacy: public\n`,
    );
    const { code, stderr } = await runTaika(['local', job, '-o', taken], {});
    assert.equal(code, 2, stderr);
    assert.match(stderr, /a\.txt would be overwritten/);
    assert.equal(await readFile(taken, 'utf8'), 'a.txt');
  }
});

test('a disk that fills up later is named with the way to the result', {
  skip: process.platform !== 'linux',
}, async () => {
  await assert.rejects(writeOutput(bytes('result'), '/dev/full', { remedy: 'taika result JOB' }), {
    message: '/dev/full: the disk is full.',
    remedy: 'taika result JOB',
    exitCode: 1,
  });
});

test('a file appears whole or not at all', async () => {
  const path = join(folder, 'result.csv');
  await assert.rejects(writeOutput(bytes('damaged'), path, { sha256: '0'.repeat(64) }), {
    code: 'digest-mismatch',
  });
  assert.deepEqual(await readdir(folder), []);
  const { bytes: length } = await writeOutput(bytes('result'), path);
  assert.equal(length, 6);
  assert.equal(await readFile(path, 'utf8'), 'result');
});

test('a file of the customer’s own that is named like an unfinished one is left alone', async () => {
  const path = join(folder, 'mine.csv');
  await writeFile(`${path}.unfinished`, 'mine');
  await checkOutput(path);
  await writeOutput(bytes('result'), path);
  assert.equal(await readFile(`${path}.unfinished`, 'utf8'), 'mine');
});

test('Ctrl-C while a result is written leaves nothing of it and ends the process as ever', {
  skip: process.platform === 'win32',
}, async () => {
  for (const listens of [false, true]) {
    const place = await mkdtemp(join(folder, 'left-'));
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', endlessWriter(join(place, 'x.csv'), listens)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    assert.match((await readdir(place)).join(), /^x\.csv\..*\.unfinished$/);
    child.kill('SIGINT');
    const [code, signal] = await once(child, 'close');
    assert.deepEqual([code, signal], listens ? [130, null] : [null, 'SIGINT']);
    assert.deepEqual(await readdir(place), []);
  }
});

/** A program that writes until it is stopped; with `listens` it ends itself at Ctrl-C, as `taika run` does. */
function endlessWriter(path: string, listens: boolean): string {
  return `
    import { writeOutput } from ${JSON.stringify(import.meta.resolve('@taika/cli/output-file'))};
    ${listens ? "process.once('SIGINT', () => process.exit(130));" : ''}
    await writeOutput((async function* () {
      for (;;) {
        yield Buffer.from('x');
        await new Promise((resolve) => setTimeout(resolve, 20));
        console.log('written');
      }
    })(), ${JSON.stringify(path)});`;
}

test('standard input is spooled into a file without a name', async () => {
  const file = await spool(Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]));
  const source = await openedSource(file, 'standard input');
  assert.equal((await file.stat()).nlink, 0);
  assert.equal(source.bytes, 8);
  for (let pass = 0; pass < 2; pass++)
    assert.equal(Buffer.concat(await Array.fromAsync(source.open())).toString(), 'one\ntwo\n');
  assert.equal(Buffer.from(await source.read(4, 3)).toString(), 'two');
  await source.close();
});

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
