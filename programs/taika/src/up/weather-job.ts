import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { fuelText, moneyText } from '@taika/cli/amounts';
import { followToResult } from '@taika/client/cli/follow-job';
import { prepareJob } from '@taika/client/job/prepare-job';
import { connectGrid, type Grid } from '@taika/client/sdk/grid';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import { askText } from './ask.ts';
import type { Companies } from './companies.ts';
import type { Layout } from './layout.ts';
import { plot } from './plot.ts';
import { readState, writeState } from './state-file.ts';
import type { Story } from './story.ts';

/** A finished weather job and where its files are. */
export interface WeatherResult {
  readonly job: JobViewText;
  readonly resultFile: string;
  readonly summaryFile: string;
}

const example = fileURLToPath(new URL('../../../../examples/weather/', import.meta.url));

/** Steps 301–306: submits the weather job, or goes on with the one that was under way, and brings its result home. */
export async function runWeatherJob(
  companies: Companies,
  layout: Layout,
  story: Story,
  signal: AbortSignal,
): Promise<WeatherResult> {
  const grid = connectGrid({ dispatchUrl: companies.dispatchUrl, customerKey: companies.customerKey });
  const jobId = (await findUnfinished(grid, layout)) ?? (await submit(grid, layout));
  story.step('301', `Customer Sora sends the job "ensemble forecast" and its data: ${jobId}`);
  await mkdir(join(layout.jobs, jobId), { recursive: true });
  const resultFile = join(layout.jobs, jobId, 'result.csv');
  const handle = grid.job(jobId);
  for await (const view of handle.events({ signal })) {
    if (view.units.total === undefined) continue;
    story.step('302', `The dispatch server splits it into ${view.units.total} units.`);
    break;
  }
  story.step('303–305', 'Agents ask for units, compute them and send results.');
  const job = await followToResult(handle, resultFile, { json: false, quiet: false, signal });
  story.step('306', `The results are merged and delivered: ${resultFile}`);
  const summaryFile = join(layout.jobs, jobId, 'summary.csv');
  await writeFile(summaryFile, await summarise(resultFile));
  return { job, resultFile, summaryFile };
}

/** The spread of the forecast by day: small at first, then as large as the climate's. */
export async function showForecast({ job, summaryFile }: WeatherResult, story: Story): Promise<void> {
  const points: { label: string; value: number }[] = [];
  let isHeading = true;
  for await (const line of createInterface({ input: createReadStream(summaryFile) })) {
    const [day = '', , , spread = ''] = line.split(',');
    if (!isHeading && (Number(day) <= 15 || day === '3650'))
      points.push({ label: `day ${day}`, value: Number(spread) });
    isHeading = false;
  }
  story.show(`How unsure 400 forecasts are (spread of the ensemble); summary in ${summaryFile}`);
  story.show(plot(points, 40));
  story.show(
    `${job.units.done} units, ${fuelText(job.fuel)} fuel, ${job.terminals} terminals; price ${moneyText(job.price)} before tax`,
  );
}

async function submit(grid: Grid, layout: Layout): Promise<JobId> {
  await using job = await prepareJob(join(example, 'job.yaml'));
  const { id } = await grid.submit(job);
  await writeState(layout.state, { ...(await readState(layout.state)), weatherJobId: id });
  return id;
}

/** The job of an earlier start that was interrupted. */
async function findUnfinished(grid: Grid, layout: Layout): Promise<JobId | undefined> {
  const { weatherJobId } = await readState(layout.state);
  if (weatherJobId === undefined) return undefined;
  const { state } = await grid.job(weatherJobId as JobId).view();
  return state === 'done' || state === 'failed' || state === 'cancelled'
    ? undefined
    : (weatherJobId as JobId);
}

function summarise(resultFile: string): Promise<string> {
  return askText([join(example, 'src', 'summarise.ts'), resultFile]);
}
