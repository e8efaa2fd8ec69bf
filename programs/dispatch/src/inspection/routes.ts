import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { sendEvents } from '@taika/http/send-events';
import {
  listFailures as listFailuresRoute,
  readUnit as readUnitRoute,
  watchOutputs,
} from '@taika/protocol/dispatch/units';
import type { DispatchRouter } from '../access/router.ts';
import type { Caller } from '../context.ts';
import { readJobState } from '../jobs/queries.ts';
import type { WorkContext } from '../work-context.ts';
import { listFailures } from './list-failures.ts';
import { findInspectedJob, type InspectedJob } from './queries.ts';
import { readUnit } from './read-unit.ts';
import { streamOutputs } from './stream-outputs.ts';

/** Single units of a job, for its customer: outputs as they come, failures, a unit to compute again. */
export function registerInspectionRoutes(route: DispatchRouter, work: WorkContext): void {
  const { context } = work;
  const find = async (jobId: string, caller: Caller): Promise<InspectedJob> => {
    const job = await findInspectedJob(context.sql, jobId);
    if (job === undefined || job.customerNumber !== callerOf('customer', caller).customerNumber) {
      throw new ApiError('not-found', 'You have no job with this id.');
    }
    if (job.isDeleted) {
      throw new ApiError('data-deleted');
    }
    return job;
  };

  route(listFailuresRoute, async ({ params: { jobId }, caller }) => ({
    items: await listFailures(context.sql, (await find(jobId, caller)).workNumber),
  }));

  route(readUnitRoute, async ({ params: { jobId, unit }, caller }) =>
    readUnit(work, (await find(jobId, caller)).workNumber, Number(unit)),
  );

  route(watchOutputs, async ({ params: { jobId }, caller, request, reply, signal }) => {
    const { number } = await find(jobId, caller);
    const fromUnit = unitAfter(request.headers['last-event-id']);
    const state = await readJobState(context.sql, number);
    if (state === 'failed' || state === 'cancelled') {
      const what = state === 'failed' ? 'The job failed' : 'The job was cancelled';
      throw new ApiError('wrong-state', `${what}: its outputs are not given any more.`, { extra: { state } });
    }
    return sendEvents(reply, streamOutputs(work, { jobId, fromUnit }, signal), signal);
  });
}

function unitAfter(lastEventId: string | string[] | undefined): number {
  if (lastEventId === undefined) {
    return 0;
  }
  if (typeof lastEventId !== 'string' || !/^[0-9]{1,9}$/.test(lastEventId)) {
    throw new ApiError('bad-request', 'Last-Event-ID must be the id of an event of this stream.');
  }
  return Number(lastEventId) + 1;
}
