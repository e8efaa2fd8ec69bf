import { ApiError } from '@taika/http/api-error';
import type { UnitReplayText } from '@taika/protocol/dispatch/units';
import { jobBrief } from '../assignments/job-brief.ts';
import { runInput } from '../assignments/run-input.ts';
import type { WorkContext } from '../work-context.ts';

/** A customer who computes a unit at home fetches everything at once; an hour is for a slow line. */
const urlMs = 60 * 60_000;

/** A unit as a terminal is given it. Throws ApiError `wrong-state` before the split, `not-found` for a unit that the job does not have. */
export async function readUnit(work: WorkContext, jobNumber: bigint, unit: number): Promise<UnitReplayText> {
  const job = await work.catalogue.find(jobNumber);
  if (job === undefined) {
    throw new ApiError('wrong-state', 'The job is not split into units yet.');
  }
  if (unit >= job.unitCount) {
    throw new ApiError('not-found', `The job has the units 0 to ${job.unitCount - 1}.`);
  }
  const run = { assignmentId: 0n, jobNumber, firstUnit: unit, units: 1, deadlineMs: urlMs, run: undefined };
  return { unit, job: await jobBrief(job, work, 'member'), input: await runInput(work, job, run) };
}
