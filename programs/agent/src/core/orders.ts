import { thumbprint } from '@taika/crypto/keys';
import { signToken } from '@taika/crypto/token';
import type { OrderId } from '@taika/protocol/schema';
import { type OrderConfirmationClaims, tokenTypes } from '@taika/protocol/tokens';
import {
  confirmOrder,
  declineOrder,
  listMemberOrders,
  type OrderText,
} from '@taika/protocol/vendor/services';
import { AgentError } from './agent-error.ts';
import type { Host } from './host.ts';
import { type RegistrationRecord, readRegistrations } from './records.ts';
import { memberVendorCalls } from './vendor-calls.ts';

/** An order with the vendor that waits for it. */
export interface MemberOrder {
  readonly order: OrderText;
  readonly registration: RegistrationRecord;
}

/** So long a confirmation has to reach the vendor: it is for now, not for a thief of tomorrow. On the vendor's way on to the contractor it may be late. */
const confirmationSeconds = 300;

/** Orders of the member at all vendors, those that wait for confirmation first at each. */
export async function listOrders(host: Host, signal?: AbortSignal): Promise<MemberOrder[]> {
  const registrations = await readRegistrations(host.store);
  const oneForVendor = [...new Map(registrations.map((each) => [each.vendorUrl, each])).values()];
  const lists = await Promise.all(
    oneForVendor.map(async (registration) => {
      const { items } = await memberVendorCalls(host, registration).call(listMemberOrders, { signal });
      return items.map((order) => ({ order, registration }));
    }),
  );
  return lists.flat();
}

/** Signs exactly this order, amount and shop (steps 803 to 804): points are captured and the order completes. */
export async function confirmMemberOrder(host: Host, orderId: string): Promise<OrderText> {
  const { order, registration } = await findOrder(host, orderId);
  const nowSeconds = Math.floor(host.clock.now().getTime() / 1000);
  const claims: OrderConfirmationClaims = {
    sub: await thumbprint(host.terminal.publicKey),
    aud: registration.vendorId,
    order: order.orderId,
    pointsMilli: order.pointsMilli,
    priceMilli: order.price.amountMilli,
    currency: order.price.currency,
    iat: nowSeconds,
    exp: nowSeconds + confirmationSeconds,
  };
  const key = host.terminal.privateKey;
  const confirmation = await signToken(claims, { type: tokenTypes.orderConfirmation, key });
  const params = { orderId: order.orderId as OrderId };
  return memberVendorCalls(host, registration).call(confirmOrder, { params, body: { confirmation } });
}

/** Says no: held points go back. */
export async function declineMemberOrder(host: Host, orderId: string): Promise<OrderText> {
  const { order, registration } = await findOrder(host, orderId);
  const params = { orderId: order.orderId as OrderId };
  return memberVendorCalls(host, registration).call(declineOrder, { params });
}

/** An order may be named by the beginning or the end of its id, where that is clear. */
async function findOrder(host: Host, named: string): Promise<MemberOrder> {
  const found = (await listOrders(host)).filter(
    ({ order }) => order.orderId.startsWith(named) || order.orderId.endsWith(named),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new AgentError(
    'no-such-order',
    found.length === 0 ? `There is no order ${named} of yours.` : `More than one order is named ${named}.`,
    'See `taika agent orders`.',
  );
}
