import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareJob } from '@taika/client/job/prepare-job';
import type { PreparedJob } from '@taika/client/job/prepared-job';

/** An example's job with other words in its job file, so that a test takes seconds: the real programs and data. */
export async function prepareExample(
  directory: string,
  name: string,
  changes: Readonly<Record<string, string>>,
): Promise<PreparedJob> {
  const folder = await mkdtemp(join(directory, `${name}-`));
  await cp(join('examples', name), folder, { recursive: true });
  let text = await readFile(join(folder, 'job.yaml'), 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`The job file of ${name} does not say ${from}.`);
    text = text.replace(from, to);
  }
  await writeFile(join(folder, 'job.yaml'), text);
  return prepareJob(join(folder, 'job.yaml'));
}
