import { createApiKey } from '@taika/crypto/api-key';
import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { addServiceKey, openServiceSession, readSessionPoints } from '@taika/protocol/vendor/services';
import type { VendorRouter } from '../access/router.ts';
import { readProduct } from '../catalogue/offer-product.ts';
import type { VendorContext } from '../context.ts';
import { createGuessLimit } from '../guess-limit.ts';
import { insertServiceKey } from './queries.ts';
import { readPoints } from './read-points.ts';
import { openSession, signIn } from './service-session.ts';

/** Keys and sessions of services (steps 601 to 604) and the points of who is signed in (801 to 802). */
export function registerServiceRoutes(declare: VendorRouter, context: VendorContext): void {
  const guesses = createGuessLimit(context.clock);

  declare(addServiceKey, async ({ params: { product } }) => {
    const { kind } = await readProduct(context, product);
    if (kind !== 'service') {
      throw new ApiError('wrong-state', `"${product}" is an application; only a service has a back end.`);
    }
    const { key, id, hash } = await createApiKey('service', context.random);
    await insertServiceKey(context.sql, { hash, id, product, now: context.clock.now() });
    return { product, key };
  });

  declare(openServiceSession, ({ body, caller }) => {
    const service = callerOf('service', caller);
    return guesses.guard(service.keyId, () => signIn(context, service, body.licenseKey));
  });

  declare(readSessionPoints, async ({ query, caller }) => {
    const { memberId } = await openSession(context, callerOf('service', caller), query.session);
    const { availableMilli, heldMilli } = await readPoints(context, memberId);
    return { availableMilli, heldMilli };
  });
}
