import { inTransaction } from '@taika/database/transaction';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { moveJob } from '../jobs/move-job.ts';
import { Desk } from './desk.ts';
import { flushJobs } from './flush-jobs.ts';
import { hasTrustWork, listFinalJobs, lockDeciding } from './job-queries.ts';
import { takeAudits } from './take-audits.ts';
import { takeCommits } from './take-commits.ts';

/** Decided in one transaction at most: a fraction of a second, because writers of points wait for it. */
const commitsMax = 200;
const auditsMax = 50;

/**
 * A step of a loop: decides about what came in since the last one (TRUST.md), from rows and in one transaction, so a
 * server that is killed here decides again and comes to the same. Any replica may run it, one does at a time.
 */
export async function decideStep(
  context: Pick<DispatchContext, 'sql' | 'clock' | 'secrets' | 'standing' | 'log'>,
): Promise<StepOutcome> {
  const { sql, clock, secrets, standing, log } = context;
  if (!(await hasTrustWork(sql))) {
    return 'idle';
  }
  const done = await inTransaction(sql, async (tx) => {
    if (!(await lockDeciding(tx))) {
      return undefined;
    }
    const desk = await Desk.open(tx, { now: clock.now(), secret: secrets.trust });
    const commits = await takeCommits(desk, commitsMax);
    const audits = await takeAudits(desk, auditsMax);
    await flushJobs(desk);
    await desk.close();
    return { isFull: commits === commitsMax || audits === auditsMax, revoked: desk.revoked };
  });
  faultPoint('trust-committed');
  if (done === undefined) {
    return 'idle';
  }
  for (const terminalNumber of done.revoked) {
    standing.forget(terminalNumber);
    log.warn({ terminalNumber: String(terminalNumber) }, 'A terminal was revoked for a wrong result.');
  }
  const isMerging = await finishJobs(context);
  return done.isFull || isMerging ? 'again' : 'idle';
}

/** Jobs of which every result is final go on to their merge. */
async function finishJobs({ sql, clock }: Pick<DispatchContext, 'sql' | 'clock'>): Promise<boolean> {
  const jobs = await listFinalJobs(sql);
  for (const jobNumber of jobs) {
    faultPoint('trust-final');
    await inTransaction(sql, (tx) => moveJob(tx, { jobNumber, event: 'all-final', now: clock.now() }));
  }
  return jobs.length > 0;
}
