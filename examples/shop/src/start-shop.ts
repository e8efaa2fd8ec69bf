import { serve } from '@taika/example-service-kit/listen';
import { orderPage } from '@taika/example-service-kit/order-pages';
import type { RunningService, StartOptions } from '@taika/example-service-kit/run-service';
import { createService } from '@taika/example-service-kit/service';
import type { SignedIn } from '@taika/example-service-kit/visitors';
import { type Caller, RemoteError } from '@taika/http/call';
import type { OrderId } from '@taika/protocol/schema';
import { placeOrder, readOrder, readSessionPoints } from '@taika/protocol/vendor/services';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import { type Basket, change, toLines } from './basket.ts';
import { findGood } from './goods.ts';
import { basketPage, type Points, shelfPage } from './pages.ts';

/** What the shop remembers of a visitor. */
interface Notes {
  readonly basket: Basket;
  /** The order that the basket is becoming: a form sent twice, or again after a lost answer, orders once. */
  orderId: OrderId;
}

/** Starts the sample shop: a mail-order service whose members may pay with points (SPEC C1 to C6). */
export function startShop(options: StartOptions): Promise<RunningService> {
  const service = createService<Notes>({
    vendorUrl: options.vendorUrl,
    serviceKey: options.serviceKey,
    name: { en: 'Hinata Mail Order', ja: 'ひなた通販' },
    links: [
      { path: '/', name: { en: 'Articles', ja: '商品' } },
      { path: '/basket', name: { en: 'Basket', ja: 'かご' } },
    ],
    home: '/basket',
    createNotes: () => ({ basket: new Map(), orderId: newOrderId() }),
  });

  service.page('GET', '/', async ({ language, visitor, vendor }) =>
    shelfPage(language, await pointsOf(vendor, visitor.member)),
  );

  service.page('GET', '/basket', async ({ language, visitor, vendor }) =>
    basketPage(language, visitor.notes.basket, await pointsOf(vendor, visitor.member)),
  );

  service.page('POST', '/basket', ({ visitor, form }) => {
    const good = findGood(form.get('good'));
    if (good !== undefined) {
      change(visitor.notes.basket, good, form.get('by') === '-1' ? -1 : 1);
    }
    return { goTo: '/basket' };
  });

  service.memberPage('POST', '/checkout', async ({ language, visitor, vendor, member, form }) => {
    const { notes } = visitor;
    const lines = toLines(notes.basket, language);
    if (lines.length === 0) {
      return { goTo: '/basket' };
    }
    const { orderId } = notes;
    const points = form.get('points') === 'all' ? 'all' : '0';
    try {
      await vendor.call(placeOrder, {
        params: { orderId },
        body: { session: member.session, lines, points },
      });
      notes.basket.clear();
    } catch (error) {
      // Of any other failure nobody knows whether the order was placed: the next attempt asks for the same one.
      if (!(error instanceof RemoteError && error.code === 'idempotency-conflict')) {
        throw error;
      }
      // An earlier attempt was placed, its answer was lost, and the basket was changed since: show what was ordered.
    }
    notes.orderId = newOrderId();
    return { goTo: `/orders/${orderId}` };
  });

  service.memberPage('GET', '/orders/:orderId', async ({ language, vendor, member, params }) => {
    const orderId = params.orderId as OrderId;
    const { session } = member;
    const order = await vendor.call(readOrder, { params: { orderId }, query: { session } });
    return orderPage(order, language, `/orders/${orderId}/state`);
  });

  service.memberPage('GET', '/orders/:orderId/state', async ({ vendor, member, params }) => {
    const orderId = params.orderId as OrderId;
    const { session } = member;
    const { state } = await vendor.call(readOrder, { params: { orderId }, query: { session } });
    return { json: { state } };
  });

  return serve(service, options);
}

/** The member's points (steps 801 to 802); nothing where nobody is signed in. */
async function pointsOf(vendor: Caller, member: SignedIn | undefined): Promise<Points | undefined> {
  return member === undefined
    ? undefined
    : vendor.call(readSessionPoints, { query: { session: member.session } });
}

function newOrderId(): OrderId {
  return uuidv7(new Date(), systemRandom) as OrderId;
}
