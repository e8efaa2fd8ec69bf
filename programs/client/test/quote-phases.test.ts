/** What a quote computes of jobs with phases: no more units than it was told, and what it says is of them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { prepareJob } from '../src/job/prepare-job.ts';
import { computeWhole } from '../src/quote/compute-whole.ts';
import { exactRange } from '../src/quote/estimate.ts';
import type { JobEstimate } from '../src/quote/job-estimate.ts';
import { sampleJob } from '../src/quote/sample-job.ts';

const folder = mkdtempSync(join(tmpdir(), 'taika-quote-'));
after(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, 'same.ts'),
  'import { readBytes, writeBytes } from "taika";\nwriteBytes(readBytes());\n',
);
writeFileSync(
  join(folder, 'join.ts'),
  'import { readParts, writeBytes } from "taika";\nconst p = readParts();\nfor (let i = 0; i < p.length; i++) writeBytes(p[i]);\n',
);
writeFileSync(join(folder, 'odd.ts'), 'unreachable();\n');

const ranged = (units: number) => `split: { by: range, from: 0, to: ${units}, records: 1 }`;
const tree = (units: number, program = 'join.ts') =>
  `program: same.ts\n${ranged(units)}\nmerge: { by: program, program: ${program} }`;
const stages = (units: number) =>
  `stages:\n  - { program: same.ts, ${ranged(units)}, merge: { by: lines } }\n  - { program: same.ts, split: { by: lines, records: 10 }, merge: { by: lines } }`;

async function estimates(lines: string, samples: number): Promise<{ few: JobEstimate; whole: JobEstimate }> {
  const path = join(folder, 'job.yaml');
  writeFileSync(path, `name: quoted\nprivacy: public\n${lines}\n`);
  await using job = await prepareJob(path);
  const few = await sampleJob(job, { parallel: 2, samples });
  return { few, whole: await computeWhole(job, { parallel: 2 }) };
}

test('a merge by program is quoted from the sample and one unit of each level', async () => {
  const { few, whole } = await estimates(tree(200), 12);
  // 200 units, 13 groups of 16, and one of those.
  assert.deepEqual([few.units, few.unitsSampled], [214, 12 + 2]);
  assert.deepEqual([few.covers, few.hasSampledMerge], ['all', true]);
  assert.deepEqual([whole.units, whole.unitsSampled, whole.covers], [214, 214, 'all']);
  const { likely: fuel } = whole.fuel;
  assert.deepEqual(whole.fuel, exactRange(fuel));
  assert.ok(few.fuel.low <= fuel && fuel <= few.fuel.high, `${fuel} of ${few.fuel.low} to ${few.fuel.high}`);
});

test('further stages are not computed for a quote, and its figures are of the first', async () => {
  const { few, whole } = await estimates(stages(200), 12);
  assert.deepEqual([few.units, few.unitsSampled, few.covers], [200, 12, 'first-stages']);
  assert.equal(whole.units, 220);
  assert.ok(few.fuel.high < whole.fuel.likely);
});

test('a stage of few units is computed for the sample of the one that follows', async () => {
  const lines = Array.from({ length: 200 }, (_, at) => `line ${at}\n`).join('');
  writeFileSync(join(folder, 'lines.txt'), lines);
  const whole = '{ program: same.ts, split: { by: whole }, merge: { by: concat } }';
  const each = '{ program: same.ts, split: { by: lines, records: 1 }, merge: { by: lines } }';
  const two = await estimates(`input: lines.txt\nstages: [${whole}, ${each}]`, 12);
  assert.deepEqual([two.few.units, two.few.unitsSampled, two.few.covers], [201, 12, 'all']);
  const { likely: fuel } = two.whole.fuel;
  assert.ok(two.few.fuel.low <= fuel && fuel <= two.few.fuel.high, `${fuel}`);
  assert.equal(two.few.inputBytes, 2 * lines.length);
  const three = await estimates(`input: lines.txt\nstages: [${whole}, ${each}, ${whole}]`, 12);
  assert.deepEqual([three.few.covers, three.few.stages, three.few.unitsSampled], ['first-stages', 2, 12]);
  assert.ok(three.few.fuel.low < three.whole.fuel.likely);
});

test('a merge program that fails on the sample leaves the merge out', async () => {
  const path = join(folder, 'odd.yaml');
  writeFileSync(path, `name: odd\nprivacy: public\n${tree(50, 'odd.ts')}\n`);
  await using job = await prepareJob(path);
  const few = await sampleJob(job, { parallel: 2, samples: 4 });
  assert.deepEqual([few.units, few.unitsSampled, few.covers], [50, 4, 'first-stages']);
});

test('a job of no more units than a quote computes is known exactly', async () => {
  for (const [lines, units] of [
    [stages(10), 11],
    [tree(11), 12],
  ] as const) {
    const { few, whole } = await estimates(lines, 12);
    assert.deepEqual([few.units, few.unitsSampled, few.covers], [units, units, 'all']);
    assert.deepEqual(few.fuel, whole.fuel);
  }
});
