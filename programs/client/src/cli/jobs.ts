import { fuelText, moneyText } from '@taika/cli/amounts';
import { checkOutput, writeOutput } from '@taika/cli/output-file';
import { readMoney } from '@taika/cli/read-amounts';
import { table } from '@taika/cli/table';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import { assuranceText, correctionTexts } from './assurance-text.ts';
import { chooseOutput, type OutputOptions } from './choose-output.ts';
import { connect } from './connect.ts';
import { followJob, followToResult, sayCorrections, whileLeaving } from './follow-job.ts';
import { jobIdOf } from './job-id.ts';
import { cancelCost, cancelRefusal, doneText, resultRefusal } from './job-sentences.ts';
import { goesOnText } from './submission.ts';

const listedMax = 50;

/** `taika jobs`: the newest jobs, each with why it is where it is. */
export async function jobs(options: { readonly json: boolean }): Promise<void> {
  const grid = await connect();
  const listed: JobViewText[] = [];
  for await (const job of grid.jobs()) {
    if (listed.length === listedMax) break;
    listed.push(job);
  }
  if (options.json) {
    console.log(JSON.stringify(listed));
  } else if (listed.length === 0) {
    console.log('No jobs yet. Submit one with: taika run job.yaml');
  } else {
    console.log(
      table(listed, [
        { heading: 'job', text: (job) => job.jobId },
        { heading: 'name', text: (job) => job.name },
        { heading: 'state', text: (job) => job.state },
        { heading: 'units', text: (job) => `${job.units.done}/${job.units.total ?? '?'}`, right: true },
        { heading: 'fuel', text: (job) => fuelText(job.fuel), right: true },
        { heading: 'trust', text: ({ assurance }) => assurance.level },
        { heading: 'price', text: (job) => moneyText(job.price), right: true },
        {
          heading: 'why',
          text: (job) => [job.reason.sentence, ...correctionTexts(job)].join(' '),
        },
      ]),
    );
  }
}

/** `taika watch`: progress to the end; exit code 1 where the job fails. With --json each change is a line. */
export async function watch(jobId: string, options: OutputOptions): Promise<void> {
  const handle = (await connect()).job(jobIdOf(jobId));
  const output = options.output === undefined ? undefined : chooseOutput(options, jobId);
  if (output !== undefined) await checkOutput(output);
  // A server that is away is told at once, not after a minute of reconnecting.
  await handle.view();
  await whileLeaving(
    () => goesOnText(handle.id),
    async () => {
      if (output !== undefined) {
        await followToResult(handle, output, options);
      } else if (options.json) {
        for await (const { cursor: _cursor, ...view } of handle.events()) console.log(JSON.stringify(view));
        await handle.finished();
      } else {
        const view = await followJob(handle, options);
        sayCorrections(view);
        console.log(doneText(view));
        console.error(assuranceText(view));
      }
    },
  );
}

/** `taika result`: the merged result of a finished job. */
export async function result(jobId: string, options: OutputOptions): Promise<void> {
  const handle = (await connect()).job(jobIdOf(jobId));
  const output = chooseOutput(options, jobId);
  await checkOutput(output);
  const view = await handle.view();
  const refusal = resultRefusal(view);
  if (refusal !== undefined) throw refusal;
  if (!options.json) sayCorrections(view);
  const written = await writeOutput(handle.result(), output, { sha256: view.result?.sha256 });
  if (options.json) console.log(JSON.stringify({ output, ...written, assurance: view.assurance }));
  else if (!options.quiet) console.error(assuranceText(view));
}

/** `taika delete`: an ended job's data is deleted at the server; its line and invoice stay. */
export async function deleteData(jobId: string, options: { readonly json: boolean }): Promise<void> {
  const view = await (await connect()).job(jobIdOf(jobId)).deleteData();
  console.log(
    options.json
      ? JSON.stringify(view)
      : `The data of ${view.jobId} is being deleted: input, program, outputs and result. Nobody is given them any more; their bytes leave the server's disk within a day. Its invoice stays.`,
  );
}

/** `taika max-price`: what a job may cost, from now on. */
export async function maxPrice(
  jobId: string,
  amount: string,
  options: { readonly json: boolean },
): Promise<void> {
  const handle = (await connect()).job(jobIdOf(jobId));
  const view = await handle.setMaxPrice(readMoney(amount, 'AMOUNT'));
  console.log(
    options.json ? JSON.stringify(view) : `${view.jobId} is ${view.state}. ${view.reason.sentence}`,
  );
}

/** `taika cancel`. Terminals drop the job's units at their next call. */
export async function cancel(jobId: string, options: { readonly json: boolean }): Promise<void> {
  const handle = (await connect()).job(jobIdOf(jobId));
  const refusal = cancelRefusal(await handle.view());
  if (refusal !== undefined) throw refusal;
  const view = await handle.cancel();
  console.log(
    options.json
      ? JSON.stringify(view)
      : `${view.jobId} is ${view.state}. ${cancelCost(view)} Terminals drop its units at their next call.`,
  );
}
