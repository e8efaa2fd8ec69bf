import { backoffMs } from '@taika/runtime/backoff';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { readJob } from '../jobs/read-jobs.ts';
import { isPublicHost } from './public-address.ts';
import { type DueDelivery, insertDeliveries, recordAttempt, takeDeliveries } from './queries.ts';
import { signWebhook } from './sign-webhook.ts';

/** A server that does not answer by then counts as away. */
const attemptMs = 10_000;
/** The first retry comes after about half a minute, the last ones six hours apart: about two days in all. */
const backoff = { baseMs: 30_000, capMs: 6 * 3600_000 };
const attemptsMax = 18;

/** Messages under way at once, each of another customer: one that does not answer holds up the others' next ones by `attemptMs` at most. */
const atOnceMax = 16;

/**
 * A step of a loop: finds jobs that ended, and sends messages that are due. Each is sent until a server takes it with a
 * status of 2xx, so a receiver may get it twice: `webhook-id` tells. Redirects are not followed.
 */
export async function deliverWebhooksStep(
  context: DispatchContext,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<StepOutcome> {
  const { sql, clock } = context;
  const now = clock.now();
  await insertDeliveries(sql, now);
  const untilAt = new Date(now.getTime() + 3 * attemptMs);
  const due = await takeDeliveries(sql, { now, untilAt, limit: atOnceMax });
  await Promise.all(due.map((each) => deliver(context, each, fetch)));
  return due.length > 0 ? 'again' : 'idle';
}

async function deliver(
  context: DispatchContext,
  due: DueDelivery,
  fetch: typeof globalThis.fetch,
): Promise<void> {
  const { sql, clock, random } = context;
  const outcome = await send(context, due, fetch);
  const isDelivered = /^2\d\d$/.test(outcome);
  const isGivenUp = !isDelivered && due.attempts >= attemptsMax;
  const waitMs = backoffMs(due.attempts - 1, backoff, random);
  await recordAttempt(sql, {
    jobNumber: due.jobNumber,
    outcome,
    deliveredAt: isDelivered ? clock.now() : null,
    nextAt: isDelivered || isGivenUp ? null : new Date(clock.now().getTime() + waitMs),
  });
}

/** The status of the answer, or in a few words why there was none. */
async function send(
  context: DispatchContext,
  { jobId, customerNumber, id, url, secret }: DueDelivery,
  fetch: typeof globalThis.fetch,
): Promise<string> {
  if (!context.allowInnerWebhooks && !(await isPublicHost(new URL(url).hostname))) {
    return 'the host is not on the internet';
  }
  const job = await readJob(context, { jobId, customerNumber });
  const body = JSON.stringify({ type: 'job.ended', job }, (_name, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'taika-dispatch',
        ...signWebhook({ id, body, at: context.clock.now() }, secret),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(attemptMs),
    });
    await response.body?.cancel();
    return String(response.status);
  } catch {
    return 'the server did not answer';
  }
}
