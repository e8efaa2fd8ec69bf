import { moveJob } from '../jobs/move-job.ts';
import type { Desk } from './desk.ts';
import { countOpen, insertFlush } from './final-queries.ts';
import { type FullJobRow, listFullJobs } from './job-queries.ts';
import { act } from './perform.ts';
import { findLastOpen } from './run-queries.ts';

/**
 * Of jobs whose results are all in, samples what is open of each terminal, or makes final what a sample passed for. A job
 * that still waits for copies waits here too: what they say may change who is believed.
 */
export async function flushJobs(desk: Desk): Promise<void> {
  for (const job of await listFullJobs(desk.tx)) {
    if (job.state === 'running') {
      await moveJob(desk.tx, { jobNumber: job.jobNumber, event: 'all-committed', now: desk.now });
    }
    if (!job.isBusy && job.unitsFinal < job.unitCount) {
      await flushJob(desk, job);
    }
  }
  await desk.flush();
}

async function flushJob(desk: Desk, { jobNumber }: FullJobRow): Promise<void> {
  const open = await countOpen(desk.tx, jobNumber);
  await desk.load(
    open.map(({ terminalNumber }) => terminalNumber),
    [jobNumber],
  );
  for (const { terminalNumber, open: results, checked, isDrawn } of open) {
    const run = await findLastOpen(desk.tx, { jobNumber, terminalNumber });
    if (run === undefined) {
      // What was decided about another terminal here has settled this one's too.
      continue;
    }
    const occasion = `flush:${run.assignmentId}:${desk.now.getTime()}`;
    const about = { run, author: terminalNumber, occasion };
    if (isDrawn) {
      await act(desk, { kind: 'flush-passed' }, about);
    } else {
      await insertFlush(desk.tx, { jobNumber, terminalNumber, now: desk.now });
      await act(desk, { kind: 'job-ended', open: results, checked }, about);
    }
    await desk.flush();
  }
}
