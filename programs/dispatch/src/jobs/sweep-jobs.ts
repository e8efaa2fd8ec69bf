import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import { deleteJobAssignments } from '../assignments/queries.ts';
import type { DispatchContext } from '../context.ts';
import { deleteJobCopyRuns } from '../results/copy-queries.ts';
import { beginSettling } from '../trust/settling-queries.ts';
import { deleteJobFeeding } from '../units/queries.ts';
import { listUnswept, markSwept } from './queries.ts';

/**
 * A step of a loop: deletes what is left of ended jobs in the hot tables. Windows and runs that wait for copies go first:
 * a claim locks one of these, so after them no assignment can come into being.
 */
export async function sweepJobsStep({ sql }: DispatchContext): Promise<StepOutcome> {
  const jobs = await listUnswept(sql);
  for (const jobNumber of jobs) {
    await deleteJobFeeding(sql, jobNumber);
    await deleteJobCopyRuns(sql, jobNumber);
    await beginSettling(sql, jobNumber);
    faultPoint('sweep-settled');
    await deleteJobAssignments(sql, jobNumber);
    faultPoint('sweep-cleared');
    await markSwept(sql, jobNumber);
  }
  return jobs.length > 0 ? 'again' : 'idle';
}
