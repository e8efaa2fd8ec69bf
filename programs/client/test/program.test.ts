import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'taika-program-'));
after(() => rmSync(folder, { recursive: true }));

const commandLine = fileURLToPath(new URL('program-command.ts', import.meta.url));

function taika(args: readonly string[], input = '') {
  return spawnSync(process.execPath, [commandLine, 'program', ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
  });
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const sum = `import { readLines, readFile, writeLine, args, env, unitIndex } from "taika";
let sum: f64 = 0;
const lines = readLines();
for (let i = 0; i < lines.length; i++) sum += parseFloat(lines[i]);
writeLine(sum.toString());
writeLine(args().join("+") + " " + env("PLACE") + " " + unitIndex().toString());
writeLine(String.UTF8.decode(readFile("note.txt").slice(0).buffer));
console.log("done");
`;

test('a program in AssemblyScript runs in one step with files, arguments and variables', () => {
  write('note.txt', 'from a file');
  const ran = taika(
    [
      'run',
      write('sum.ts', sum),
      '--file',
      'note.txt=note.txt',
      '--arg',
      'a',
      '--arg',
      'b',
      '--env',
      'PLACE=here',
    ],
    '1.5\n2.25',
  );
  assert.equal(ran.stdout, '3.75\na+b here 0\nfrom a file\n', ran.stderr);
  assert.match(ran.stderr, /^done\nexit code 0, \d+ fuel/);
  assert.equal(ran.status, 0);
});

test('built and metered files are programs too, and a metered one is refused as an upload', () => {
  write('note.txt', '');
  assert.equal(taika(['build', write('sum.ts', sum), '-o', 'sum.wasm']).status, 0);
  const options = ['--file', 'note.txt=note.txt', '--json'];
  const report = JSON.parse(taika(['run', 'sum.wasm', ...options], '1\n').stderr);
  assert.equal(report.exitCode, 0);
  assert.match(report.fuel, /^\d+$/);
  assert.equal(report.log, 'done\n');
  assert.equal(taika(['check', 'sum.wasm']).status, 0);
  assert.equal(taika(['meter', 'sum.wasm', 'metered.wasm']).status, 0);
  const again = taika(['check', 'metered.wasm']);
  assert.equal(again.status, 2);
  assert.match(again.stderr, /a name that belongs to the platform/);
  assert.equal(again.stderr.match(/Upload the program as your compiler wrote it/g)?.length, 1, again.stderr);
});

test('the same seed gives the same random numbers, another seed others', () => {
  write('random.ts', 'import { writeLine } from "taika";\nwriteLine(Math.random().toString());\n');
  taika(['build', 'random.ts']);
  const draw = (seed: string) => taika(['run', 'random.wasm', '--seed', seed]).stdout;
  assert.equal(draw('1'), draw('1'));
  assert.notEqual(draw('1'), draw('2'));
});

test('a program that does not compile is told by the compiler, with exit code 1', () => {
  const built = taika(['build', write('bad.ts', 'let x: i32 = "a";')]);
  assert.equal(built.status, 1);
  assert.match(built.stderr, /not assignable to type 'i32'/);
});

test('a failed unit ends the command with exit code 1 and its log', () => {
  const ran = taika(['run', write('fails.ts', 'import { fail } from "taika";\nfail("no data");')]);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /no data\nexit code 1/);
});

test('what a program logs is shown to the terminal, not obeyed by it', () => {
  const source = 'import { write } from "taika";\nconsole.log("\\u001b[2Jlog");\nwrite("\\u001b[2J");\n';
  const ran = taika(['run', write('screen.ts', source)]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stderr, /^\\u001b\[2Jlog\nexit code 0/);
  assert.equal(ran.stdout, '\u001b[2J');
});

test('a file too large for a program is refused by its size, without being read', () => {
  write('large.wasm', '');
  truncateSync(join(folder, 'large.wasm'), 2 ** 40);
  const checked = taika(['check', 'large.wasm']);
  assert.equal(checked.status, 2);
  assert.match(checked.stderr, /1099511627776 bytes; at most 67108864 are allowed.*\s+What to do: Move data/);
});

test('neither build nor meter writes over the program that it reads, under whatever name', () => {
  const source = write('kept.ts', 'import { writeLine } from "taika";\nwriteLine("kept");\n');
  assert.equal(taika(['build', source]).status, 0);
  const built = readFileSync(join(folder, 'kept.wasm'));
  symlinkSync('kept.wasm', join(folder, 'link.wasm'));
  linkSync(join(folder, source), join(folder, 'second.ts'));
  const words = [
    ['build', source, '-o', './kept.ts'],
    ['build', source, '-o', 'second.ts'],
    ['build', './kept.wasm'],
    ['meter', 'kept.wasm', 'kept.wasm'],
    ['meter', 'kept.wasm', join(folder, 'link.wasm')],
  ];
  for (const refused of words) {
    const { status, stderr } = taika(refused);
    assert.equal(status, 2, refused.join(' '));
    assert.match(stderr, /would be overwritten by what is made of it\.\s+What to do: Name another file/);
  }
  assert.match(readFileSync(join(folder, source), 'utf8'), /"kept"/);
  assert.deepEqual(readFileSync(join(folder, 'kept.wasm')), built);
});

test('names that the grid would refuse are refused here, and so are folders', () => {
  mkdirSync(join(folder, 'folder.wasm'));
  const program = write('empty.ts', '');
  const refusals: readonly (readonly [words: readonly string[], told: RegExp])[] = [
    [['--file', '../x=note.txt'], /A name under \/job has/],
    [['--file', '..=note.txt'], /A name under \/job has/],
    [['--env', 'TAIKA_UNIT_INDEX=9'], /does not begin with TAIKA_/],
    [['--env', '9A=x'], /A name has letters/],
    [['--file', 'x=folder.wasm'], /folder\.wasm: this is a folder, not a file/],
  ];
  for (const [words, told] of refusals) {
    const { status, stderr } = taika(['run', program, ...words]);
    assert.equal(status, 2, words.join(' '));
    assert.match(stderr, told);
  }
  const checked = taika(['check', 'folder.wasm']);
  assert.equal(checked.status, 2);
  assert.match(checked.stderr, /folder\.wasm is a folder, not a program\.\s+What to do: Name the/);
});

test('misuse ends with exit code 2', () => {
  assert.equal(taika(['check', 'missing.wasm']).status, 2);
  assert.equal(taika(['check', write('main.c', '')]).status, 2);
  assert.equal(execFileSync(process.execPath, [commandLine, 'program', '--help']).length > 0, true);
});
