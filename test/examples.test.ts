/** The case studies: what they show is what their programs compute, here and on the grid. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { prepareJob } from '@taika/client/job/prepare-job';
import type { PreparedJob } from '@taika/client/job/prepared-job';
import { drawCoverage, measure } from '@taika/example-translate/measure';
import { type Economy, openEconomy } from './economy.ts';
import { assertSettled } from './invariants.ts';
import { prepareExample } from './small-example.ts';
import { computeLocally } from './small-weather.ts';

let economy: Economy;

before(async () => {
  economy = await openEconomy();
  for (const name of ['first', 'second']) await economy.run(await economy.join(name));
});
after(() => economy?.[Symbol.asyncDispose]());

/** Computes on this machine and on the grid; gives the result, which is the same. */
async function computeTwice(job: PreparedJob): Promise<string> {
  const local = await computeLocally(job);
  await assertSettled(economy, await economy.grid.submit(job), local);
  return local.result.toString();
}

test('weather: the first rounds of the filter, here and on the grid, are those of the case study', async () => {
  await using job = await prepareExample(economy.directory, 'assimilation', { "args: ['140'": "args: ['3'" });
  const result = await computeTwice(job);
  const published = readFileSync('examples/assimilation/analysis.csv', 'utf8').split('\n');
  const cycle = (line: string) => Number(line.split(',')[1]);
  const expected = [published[0], ...published.slice(1).filter((line) => cycle(line) <= 3)];
  const sorted = (lines: readonly (string | undefined)[]) => [...lines].sort();
  assert.deepEqual(sorted(result.trimEnd().split('\n')), sorted(expected));
});

test('sweep: single points, here and on the grid, are those of the case study', async () => {
  const axes = /axes:(.|\n)*?(?=merge:)/.exec(readFileSync('examples/ising/job.yaml', 'utf8'))?.[0] ?? '';
  await using job = await prepareExample(economy.directory, 'ising', {
    [axes]: 'axes: { size: [16, 32], temperature: [2.0, 2.27, 2.8] }\n',
  });
  const result = await computeTwice(job);
  const published = readFileSync('examples/ising/sweep.csv', 'utf8').split('\n');
  const [header, ...points] = result.trimEnd().split('\n');
  assert.equal(header, published[0]);
  assert.equal(points.length, 6);
  for (const point of points) assert.ok(published.includes(point), point);
});

test('translation: a part of the library, here and on the grid, is that part of the case study', async () => {
  const folder = await mkdtemp(join(economy.directory, 'part-'));
  const library = readFileSync('examples/translate/library.txt', 'utf8');
  const jonah = library.slice(library.indexOf('JONAH 1'));
  await writeFile(join(folder, 'jonah.txt'), jonah);
  await using job = await prepareExample(economy.directory, 'translate', {
    'input: library.txt': `input: ${join(folder, 'jonah.txt')}`,
    'records: 200': 'records: 10',
  });
  const result = await computeTwice(job);
  await using whole = await prepareJob('examples/translate/job.yaml');
  const { result: french, fuel } = await computeLocally(whole);
  const text = french.toString();
  assert.equal(result, text.slice(text.indexOf('JONAH 1')));
  const readme = readFileSync('examples/translate/README.md', 'utf8');
  assert.ok(readme.includes(createHash('sha256').update(french).digest('hex')), 'Another result.');
  assert.equal(Math.round(Number(fuel) / 1e9), 11);
  const measured = measure(library, text);
  assert.deepEqual(
    [measured.paragraphs, measured.emptyLines],
    [
      [2665, 2665],
      [3257, 3257],
    ],
  );
  assert.ok(readme.includes(`| ${(100 * measured.translated).toFixed(1)} % |`));
  assert.equal(drawCoverage(measured), readFileSync('examples/translate/coverage.svg', 'utf8'));
});
