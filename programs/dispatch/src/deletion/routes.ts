import { callerOf } from '@taika/http/access';
import { deleteJobData } from '@taika/protocol/dispatch/jobs';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { readJob } from '../jobs/read-jobs.ts';
import { askToDelete } from './delete-data.ts';

/** What a customer wants to be forgotten. */
export function registerDeletionRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(deleteJobData, async ({ params: { jobId }, caller }) => {
    const wanted = { jobId, customerNumber: callerOf('customer', caller).customerNumber };
    await askToDelete(context, wanted);
    return readJob(context, wanted);
  });
}
