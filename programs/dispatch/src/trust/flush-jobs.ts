import { moveJob } from '../jobs/move-job.ts';
import type { Desk } from './desk.ts';
import { countOpen, insertFlush } from './final-queries.ts';
import { listFullJobs } from './job-queries.ts';
import { act, dropRuns } from './perform.ts';
import { noteRecalled } from './recalled.ts';
import { findLastOpen, listRunsOf } from './run-queries.ts';
import { endComparisons, endSettling, listSettling } from './settling-queries.ts';

/**
 * Of jobs whose results are all in, samples what is open of each terminal, or makes final what a sample passed for. A job
 * that still waits for copies waits here too: what they say may change who is believed. A job that failed or was
 * cancelled is sampled like one that is full.
 */
export async function flushJobs(desk: Desk): Promise<void> {
  for (const job of await listFullJobs(desk.tx)) {
    if (job.state === 'running') {
      await moveJob(desk.tx, { jobNumber: job.jobNumber, event: 'all-committed', now: desk.now });
    }
    if (!job.isBusy && job.unitsFinal < job.unitCount) {
      await flushJob(desk, job.jobNumber);
    }
  }
  for (const jobNumber of await listSettling(desk.tx)) {
    await settleLost(desk, jobNumber);
  }
  await desk.flush();
}

/** A job without a result: who lied for it is found as in any other, and nobody is paid for what no check passed. */
async function settleLost(desk: Desk, jobNumber: bigint): Promise<void> {
  const { tx } = desk;
  const dropped = await endComparisons(tx, jobNumber);
  await desk.load(
    dropped.map(({ terminalNumber }) => terminalNumber),
    [jobNumber],
  );
  for (const run of dropped) {
    await noteRecalled(desk, { run, author: run.terminalNumber, isChecked: false });
  }
  await dropWithoutClaim(desk, jobNumber);
  if ((await flushJob(desk, jobNumber)) === 0) {
    await endSettling(tx, jobNumber);
  }
}

/** What is left of liars and of decoys, where a check ended without a word on it: nobody waits for it. */
async function dropWithoutClaim(desk: Desk, jobNumber: bigint): Promise<void> {
  const open = await countOpen(desk.tx, jobNumber);
  await desk.load(open.map(({ terminalNumber }) => terminalNumber));
  for (const { terminalNumber } of open) {
    const { standing, isDecoy } = desk.terminal(terminalNumber);
    if (standing === 'revoked' || isDecoy) {
      const runs = await listRunsOf(desk.tx, terminalNumber, 'open');
      const left = runs.filter((run) => run.jobNumber === jobNumber);
      await dropRuns(desk, left, { awaitsComparison: false });
    }
  }
}

/** Gives how many terminals' results were open. */
async function flushJob(desk: Desk, jobNumber: bigint): Promise<number> {
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
  return open.length;
}
