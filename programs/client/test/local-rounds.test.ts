/** Stages and rounds on one machine, with real programs in the real sandbox. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { prepareJob } from '../src/job/prepare-job.ts';
import type { LocalProgress } from '../src/local/local-run.ts';
import { runLocal } from '../src/local/run-local.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taika-rounds-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
after(() => rm(folder, { recursive: true, force: true }));

const files = {
  'numbers.txt': '3\n5\n',
  // Each number and the round that doubled it.
  'double.ts': `import { readLines, writeLine, round } from 'taika';
const lines = readLines();
for (let i = 0; i < lines.length; i++) writeLine((2 * i32(parseInt(lines[i]))).toString() + ' ' + round().toString());
`,
  'count.ts': `import { readLines, writeLine, args } from 'taika';
const lines = readLines();
writeLine(args()[0] + lines.length.toString());
for (let i = 0; i < lines.length; i++) writeLine(lines[i]);
`,
  // Keeps a history, ends once the first number is 20 or more.
  'next.ts': `import { readLines, nextRound, endJob, keptState } from 'taika';
const lines = readLines();
const state = keptState() + lines.join(';') + '|';
if (parseInt(lines[1]) < 20) nextRound(lines.slice(1).join('\\n') + '\\n', state);
else endJob(state);
`,
  'keep.ts': `import { readText, nextRound } from 'taika';
nextRound(readText());
`,
  'silent.ts': `import { writeLine } from 'taika';
writeLine('perhaps');
`,
  'empty.ts': `import { nextRound } from 'taika';
nextRound('');
`,
  'fails.ts': `import { fail, round } from 'taika';
if (round() == 1) fail('no more');
import { readText, nextRound } from 'taika';
nextRound(readText());
`,
};

async function compute(rest: string) {
  await writeFile(join(folder, 'job.yaml'), `name: rounds\ninput: numbers.txt\nprivacy: public\n${rest}`);
  await using job = await prepareJob(join(folder, 'job.yaml'));
  const seen: LocalProgress[] = [];
  const parts: Uint8Array[] = [];
  for await (const part of runLocal(job, { parallel: 2, onProgress: (now) => seen.push(now) }))
    parts.push(part);
  return { text: Buffer.concat(parts).toString(), seen, last: seen.at(-1) };
}

const oneStage = `program: double.ts
split: { by: lines, records: 1 }
merge: { by: lines }
`;

test('stages and rounds give what their programs say, with what was kept between rounds', async () => {
  const { text, seen, last } = await compute(`stages:
  - { program: double.ts, split: { by: lines, records: 1 }, merge: { by: lines } }
  - { program: count.ts, split: { by: whole }, merge: { by: concat }, args: [n] }
rounds: { next: next.ts, max: 9 }
`);
  assert.equal(text, 'n2;6 0;10 0|n2;12 1;20 1|n2;24 2;40 2|');
  const places = seen.map(({ phase }) => `${phase?.kind} ${phase?.round} ${phase?.stage}`);
  assert.deepEqual(
    [...new Set(places)],
    [
      'stage 0 0',
      'stage 0 1',
      'next 0 1',
      'stage 1 0',
      'stage 1 1',
      'next 1 1',
      'stage 2 0',
      'stage 2 1',
      'next 2 1',
    ],
  );
  assert.deepEqual([last?.unitsDone, last?.unitsTotal, last?.isCut], [12, 12, false]);
});

test('a program that always asks for more ends with its last round', async () => {
  const { text, last } = await compute(`${oneStage}rounds: { next: keep.ts, max: 3 }\n`);
  assert.equal(text, '24 2\n40 2\n');
  assert.equal(last?.isCut, true);
});

test('what goes wrong says in which round', async () => {
  await assert.rejects(compute(`${oneStage}rounds: { next: silent.ts, max: 3 }\n`), {
    code: 'next-not-understood',
    message: /rounds\.next after round 1\. Expected the first line/,
  });
  await assert.rejects(compute(`${oneStage}rounds: { next: empty.ts, max: 3 }\n`), {
    code: 'next-not-understood',
    message: /rounds\.next after round 1\. It printed next, and after it no input for round 2\./,
  });
  await assert.rejects(compute(`${oneStage}rounds: { next: fails.ts, max: 3 }\n`), {
    code: 'program-failed',
    message: /no more(.|\n)*rounds\.next after round 2\./,
  });
});
