import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readPageRequest } from '@taika/http/page';
import { sendEvents } from '@taika/http/send-events';
import {
  cancelJob as cancelJobRoute,
  listJobs as listJobsRoute,
  readJob as readJobRoute,
  readResult,
  submitJob as submitJobRoute,
  watchJob,
} from '@taika/protocol/dispatch/jobs';
import type { DispatchRouter } from '../access/router.ts';
import { sendBlob } from '../blobs/send-blob.ts';
import type { WorkContext } from '../work-context.ts';
import { cancelJob } from './cancel-job.ts';
import { listJobs, readJob } from './read-jobs.ts';
import { submitJob } from './submit-job.ts';
import { createJobWatcher } from './watch-jobs.ts';

/** Jobs: submitted, read, watched and cancelled by their customer. */
export function registerJobRoutes(route: DispatchRouter, work: WorkContext): void {
  const { context, blobs } = work;
  const watcher = createJobWatcher((wanted) => readJob(context, wanted), context.clock);

  route(submitJobRoute, async ({ params: { jobId }, body, caller }) => {
    const { customerNumber } = callerOf('customer', caller);
    await submitJob(context, blobs, { jobId, customerNumber }, body);
    work.kickSplit();
    return readJob(context, { jobId, customerNumber });
  });

  route(listJobsRoute, ({ query, caller }) =>
    listJobs(context, callerOf('customer', caller).customerNumber, readPageRequest(query)),
  );

  route(readJobRoute, ({ params: { jobId }, caller }) =>
    readJob(context, { jobId, customerNumber: callerOf('customer', caller).customerNumber }),
  );

  route(watchJob, async ({ params: { jobId }, caller, request, reply, signal }) => {
    const wanted = { jobId, customerNumber: callerOf('customer', caller).customerNumber };
    // Read before the stream begins, so that a wrong id is an answer and not a broken stream.
    await readJob(context, wanted);
    const lastEventId = request.headers['last-event-id'];
    return sendEvents(reply, watcher.watch(wanted, signal, lastEventId?.toString()), signal);
  });

  route(cancelJobRoute, async ({ params: { jobId }, caller }) => {
    const wanted = { jobId, customerNumber: callerOf('customer', caller).customerNumber };
    const { numbers } = await cancelJob(context, wanted);
    for (const number of numbers) {
      work.feeder.forgetJob(number);
    }
    work.runningJobs.invalidate();
    work.kickSettle();
    return readJob(context, wanted);
  });

  route(readResult, async ({ params: { jobId }, caller, request, reply }) => {
    const view = await readJob(context, {
      jobId,
      customerNumber: callerOf('customer', caller).customerNumber,
    });
    if (view.dataDeletedAt !== undefined) {
      throw new ApiError('data-deleted');
    }
    if (view.result === undefined) {
      throw new ApiError('wrong-state', `The job is ${view.state}: there is no result.`, {
        extra: { state: view.state },
      });
    }
    return sendBlob(blobs, String(view.result.sha256), { request, reply });
  });
}
