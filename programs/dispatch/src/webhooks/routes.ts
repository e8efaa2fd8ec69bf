import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readWebhook, removeWebhook, setWebhook } from '@taika/protocol/dispatch/webhooks';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { isInnerHost } from './public-address.ts';
import { deleteWebhook, findWebhook, upsertWebhook } from './queries.ts';
import { secretText } from './sign-webhook.ts';

const secretBytes = 32;

/** Where a customer is told of ended jobs. */
export function registerWebhookRoutes(
  route: DispatchRouter,
  { sql, clock, random, allowInnerWebhooks }: DispatchContext,
): void {
  const read = async (customerNumber: bigint) => {
    const row = await findWebhook(sql, customerNumber);
    if (row === undefined) {
      throw new ApiError('not-found', 'No webhook is set.');
    }
    const { url, secret, setAt, attempts, lastOutcome, deliveredAt } = row;
    return {
      url,
      secret: secretText(secret),
      setAt,
      ...(attempts === null
        ? {}
        : {
            last: {
              outcome: lastOutcome ?? 'not sent yet',
              attempts,
              ...(deliveredAt === null ? {} : { deliveredAt }),
            },
          }),
    };
  };

  route(setWebhook, async ({ body: { url }, caller }) => {
    const { customerNumber } = callerOf('customer', caller);
    const protocol = URL.canParse(url) ? new URL(url).protocol : '';
    if (protocol !== 'https:' && !(allowInnerWebhooks && protocol === 'http:')) {
      throw new ApiError('bad-request', 'url: an address that begins with https:// is expected.');
    }
    const { hostname } = new URL(url);
    if (!allowInnerWebhooks && (await isInnerHost(hostname))) {
      throw new ApiError(
        'bad-request',
        `url: ${hostname} is no host on the internet, and others are not told.`,
      );
    }
    await upsertWebhook(sql, { customerNumber, url, secret: random.bytes(secretBytes), now: clock.now() });
    return read(customerNumber);
  });

  route(readWebhook, ({ caller }) => read(callerOf('customer', caller).customerNumber));

  route(removeWebhook, async ({ caller, reply }) => {
    await deleteWebhook(sql, callerOf('customer', caller).customerNumber);
    return reply.code(204).send();
  });
}
