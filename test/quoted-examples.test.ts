/** What `taika quote` says of the examples: the range that it gives holds what they really take. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { PreparedJob } from '@taika/client/job/prepared-job';
import { computeWhole } from '@taika/client/quote/compute-whole';
import { exactRange } from '@taika/client/quote/estimate';
import type { JobEstimate } from '@taika/client/quote/job-estimate';
import { priceLevels } from '@taika/client/quote/price-quote';
import { sampleJob } from '@taika/client/quote/sample-job';
import { prepareExample } from './small-example.ts';
import { computeLocally, prepareSmallWeather } from './small-weather.ts';
import { temporaryFolder } from './temporary-folder.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

before(async () => {
  folder = await temporaryFolder('quoted');
});
after(() => folder?.[Symbol.asyncDispose]());

/** A rate card of two yen for 10^9 fuel: small jobs cost more than their rounding. */
const rates = {
  perFuel: 1_000_000_000n,
  priceMilli: 2_000n,
  taxBasisPoints: 1_000,
  referenceFuelPerSecond: 1_000_000_000n,
} as const;

/** The job's fuel, and with it the price under each level, lie where quotes of so many samples say; gives the quotes. */
async function assertQuoted(job: PreparedJob, ...sampleCounts: number[]): Promise<JobEstimate[]> {
  const { fuel } = await computeLocally(job);
  const estimates: JobEstimate[] = [];
  for (const samples of sampleCounts) {
    const estimate = await sampleJob(job, { parallel: 2, samples });
    const { low, high } = estimate.fuel;
    assert.ok(low <= fuel && fuel <= high, `${fuel} fuel where ${low} to ${high} was quoted.`);
    const quoted = priceLevels(estimate.fuel, rates);
    for (const [at, { level, total }] of priceLevels(exactRange(fuel), rates).entries()) {
      const range = quoted[at]?.total;
      assert.ok(
        range !== undefined && range.low <= total.likely && total.likely <= range.high,
        `${level}: ${total.likely}`,
      );
    }
    estimates.push(estimate);
  }
  return estimates;
}

const counts = (estimates: readonly JobEstimate[]) =>
  estimates.map(({ units, unitsSampled }) => [units, unitsSampled]);

test('weather: the range of a sample holds what the forecast takes', async () => {
  for (const records of [1, 4]) {
    await using job = await prepareSmallWeather(folder.path, { members: 32, records });
    const units = 32 / records;
    assert.deepEqual(counts(await assertQuoted(job, 2, 4)), [
      [units, 2],
      [units, 4],
    ]);
  }
});

test('sweep: points that differ sixteenfold are held by the range all the same', async () => {
  await using job = await prepareExample(folder.path, 'ising', { "args: ['4000'": "args: ['40'" });
  assert.deepEqual(counts(await assertQuoted(job, 4, 12, 30)), [
    [72, 4],
    [72, 12],
    [72, 30],
  ]);
});

test('translation: a few units say what its first stages take, and the whole is exact', async () => {
  const library = readFileSync('examples/translate/library.txt', 'utf8');
  const jonah = join(folder.path, 'jonah.txt');
  await writeFile(jonah, library.slice(library.indexOf('JONAH 1')));
  await using job = await prepareExample(folder.path, 'translate', {
    'input: library.txt': `input: ${jonah}`,
    'records: 200': 'records: 10',
  });
  // Its first stage is one unit, which is computed for a sample of the second.
  await assertPartAndWhole(job, 2);
});

test('assimilation: a few units say what a round begins with, and the whole is exact', async () => {
  await using job = await prepareExample(folder.path, 'assimilation', { "args: ['140'": "args: ['3'" });
  await assertPartAndWhole(job, 1);
});

async function assertPartAndWhole(job: PreparedJob, stages: number): Promise<void> {
  const { fuel } = await computeLocally(job);
  const part = await sampleJob(job, { parallel: 2, samples: 2 });
  assert.deepEqual([part.covers, part.stages, part.unitsSampled], ['first-stages', stages, 2]);
  assert.ok(part.fuel.low <= fuel, `${part.fuel.low} at least, and ${fuel} were taken.`);
  const whole = await computeWhole(job, { parallel: 2 });
  assert.deepEqual(whole.fuel, exactRange(fuel));
  assert.deepEqual([whole.covers, whole.unitsSampled], ['all', whole.units]);
  assert.ok(whole.units > 2);
}
