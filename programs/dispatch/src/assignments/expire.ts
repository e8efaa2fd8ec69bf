import type { StepOutcome } from '@taika/runtime/loop';
import type { WorkContext } from '../work-context.ts';
import { expireAssignments } from './queries.ts';

/**
 * While terminals are idle for want of a job's last units, a run is overdue after four times what it should take and at
 * least this long: most likely its terminal was switched off, and everybody waits for it.
 */
const overdueFactor = 4;
const overdueFloorMs = 15_000;
/** Terminals asked and got nothing within this time. */
const starvingMs = 5_000;

/** A step of a loop: takes back runs past their deadline, and near a job's end what is overdue. */
export async function expireAssignmentsStep({
  context,
  feeder,
  runningJobs,
}: WorkContext): Promise<StepOutcome> {
  const starving = feeder.starving(starvingMs).flatMap((jobNumber) => {
    const job = runningJobs.find(jobNumber);
    return job?.fuelPerUnit === undefined
      ? []
      : [
          {
            jobNumber,
            overdueMsPerUnit: (overdueFactor * 1_000 * job.fuelPerUnit) / job.referenceFuelPerSecond,
          },
        ];
  });
  const expired = await expireAssignments(context.hotSql, { starving, overdueFloorMs });
  if (expired > 0) {
    context.log.info({ runs: expired }, 'Runs were not reported in time and go to other terminals.');
  }
  return 'idle';
}
