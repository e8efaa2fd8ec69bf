import { callerOf } from '@taika/http/access';
import { setMaxPrice } from '@taika/protocol/dispatch/jobs';
import type { DispatchRouter } from '../access/router.ts';
import { readJob } from '../jobs/read-jobs.ts';
import type { WorkContext } from '../work-context.ts';
import { changeMaxPrice } from './change-max-price.ts';
import { watchSpendingStep } from './watch-spending.ts';

/** What a job may cost: changed by its customer. */
export function registerSpendingRoutes(route: DispatchRouter, { context, runningJobs }: WorkContext): void {
  route(setMaxPrice, async ({ params: { jobId }, body, caller }) => {
    const wanted = { jobId, customerNumber: callerOf('customer', caller).customerNumber };
    await changeMaxPrice(context, wanted, body.maxPrice);
    // At once, so that the answer says whether it goes on.
    await watchSpendingStep(context, runningJobs.invalidate);
    return readJob(context, wanted);
  });
}
