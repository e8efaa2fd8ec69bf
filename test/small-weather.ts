import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareJob } from '@taika/client/job/prepare-job';
import type { PreparedJob } from '@taika/client/job/prepared-job';
import { runLocal } from '@taika/client/local/run-local';

/** The weather job with fewer members, so that a test takes seconds: real input, the real program. */
export async function prepareSmallWeather(directory: string, size: SmallWeather): Promise<PreparedJob> {
  return prepareJob((await writeSmallWeather(directory, size)).path);
}

export interface SmallWeather {
  readonly members: number;
  readonly records: number;
  readonly copies?: number | undefined;
}

/** The files of that job. */
export async function writeSmallWeather(
  directory: string,
  { members, records, copies = 1 }: SmallWeather,
): Promise<{ readonly path: string }> {
  const folder = join(directory, `weather-${members}-${records}-${copies}`);
  await mkdir(folder, { recursive: true });
  const lines = (await readFile('examples/weather/members.csv', 'utf8')).split('\n').slice(0, members + 1);
  await writeFile(join(folder, 'members.csv'), `${lines.join('\n')}\n`);
  await cp('examples/weather/forecast.ts', join(folder, 'forecast.ts'));
  const file = await readFile('examples/weather/job.yaml', 'utf8');
  await writeFile(
    join(folder, 'job.yaml'),
    `${file.replace(/records: \d+/, `records: ${records}`)}copies: ${copies}\n`,
  );
  return { path: join(folder, 'job.yaml') };
}

/** What one machine computes without servers: the result that every grid must give, bit for bit. */
export async function computeLocally(
  job: PreparedJob,
): Promise<{ readonly result: Buffer; readonly fuel: bigint }> {
  const chunks: Uint8Array[] = [];
  let fuel = 0n;
  for await (const chunk of runLocal(job, { parallel: 2, onProgress: (progress) => (fuel = progress.fuel) }))
    chunks.push(chunk);
  return { result: Buffer.concat(chunks), fuel };
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks));
}
