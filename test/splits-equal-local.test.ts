/** Splits that run a program before there are units, and inputs of many files: the server cuts as `taika local` does. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { prepareJob } from '@taika/client/job/prepare-job';
import { assertNoDefects, type Economy, openEconomy } from './economy.ts';
import { assertSettled } from './invariants.ts';
import { collect, computeLocally } from './small-weather.ts';

let economy: Economy;
let folder: string;

before(async () => {
  economy = await openEconomy();
  folder = join(economy.directory, 'splits');
  await mkdir(join(folder, 'texts'), { recursive: true });
  await writeFile(join(folder, 'shout.ts'), shout);
  await writeFile(join(folder, 'paragraphs.ts'), paragraphs);
  await writeFile(join(folder, 'glue.ts'), glue);
  for (const name of ['b.txt', 'a.txt', 'ä.txt']) await writeFile(join(folder, 'texts', name), `${name}\n`);
  await writeFile(join(folder, 'text.txt'), 'some words\nmore\n\n'.repeat(60));
  await economy.run(await economy.join('aiko'));
});
after(() => economy?.[Symbol.asyncDispose]());

const shout = `import { readText, write, unitIndex } from "taika";
function work(times: i32): i32 {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += (i ^ sum) & 7;
  return sum;
}
const text = readText();
work(100_000 * text.length);
write(unitIndex().toString() + " " + text.toUpperCase());
`;

const paragraphs = `import { readPart, isLastPart, cutUnit } from "taika";
function cutParagraphs(): void {
  const part = readPart();
  let start = 0;
  for (let at = 1; at < part.length; at++) {
    if (part[at] == 10 && part[at - 1] == 10) { cutUnit(at + 1 - start); start = at + 1; }
  }
  if (isLastPart() && start < part.length) cutUnit(part.length - start);
}
cutParagraphs();
`;

const glue = `import { readParts, write, writeBytes } from "taika";
const parts = readParts();
write("(");
for (let i = 0; i < parts.length; i++) writeBytes(parts[i]);
write(")");
`;

const ways: readonly [what: string, lines: string, units: (count: number) => boolean][] = [
  [
    'seconds of the reference machine',
    'input: text.txt\nsplit: { by: lines, targetSeconds: 0.05 }\nmerge: { by: lines }',
    (count) => count > 1 && count < 180,
  ],
  [
    'a program of the customer',
    'input: text.txt\nsplit: { by: program, program: paragraphs.ts }\nmerge: { by: concat }',
    (count) => count === 60,
  ],
  [
    'files of a directory',
    'input: texts\nsplit: { by: files }\nmerge: { by: zip, extension: .out }',
    (count) => count === 3,
  ],
  [
    'a grid',
    'split: { by: grid, axes: { b: [x, "y,z"], a: { from: 0, to: 9 } }, records: 4 }\nmerge: { by: lines }',
    (count) => count === 5,
  ],
];

for (const [what, lines, isExpected] of ways) {
  test(`units by ${what} are the same on the grid and on one machine`, async () => {
    const path = join(folder, 'job.yaml');
    await writeFile(path, `name: shout\nprogram: shout.ts\nprivacy: public\n${lines}\n`);
    await using job = await prepareJob(path);
    const local = await computeLocally(job);
    const view = await assertSettled(economy, await economy.grid.submit(job), local);
    assert.ok(isExpected(view.units.done), `${view.units.done} units`);
  });
}

test('a merge program computed by terminals, level by level, gives what one machine gives', async () => {
  const path = join(folder, 'job.yaml');
  const way = 'input: text.txt\nsplit: { by: lines, records: 4 }';
  await writeFile(
    path,
    `name: glue\nprogram: shout.ts\nprivacy: public\n${way}\nmerge: { by: program, program: glue.ts, fanIn: 4 }\n`,
  );
  await using job = await prepareJob(path);
  const local = await computeLocally(job);
  const handle = await economy.grid.submit(job);
  const view = await handle.finished(AbortSignal.timeout(300_000));
  assert.ok((await collect(handle.result())).equals(local.result));
  assert.equal(BigInt(view.fuel), local.fuel);
  // 45 units, and levels of 12, 3 and 1.
  assert.equal(view.units.done, 61);
  await assertNoDefects(economy);
});
