import { moneyText, pointsText } from '@taika/cli/amounts';
import { readMoney } from '@taika/cli/read-amounts';
import { readAll } from '@taika/http/read-all';
import type { ReplyOf } from '@taika/protocol/route';
import type { Id, MemberId, OrderId, RefundId } from '@taika/protocol/schema';
import { recordMemberPayment } from '@taika/protocol/vendor/member-payments';
import {
  addServiceKey,
  closeUsagePeriod,
  listOrders,
  type OrderRefundText,
  type OrderText,
  refundOrder,
  setUsagePrice,
} from '@taika/protocol/vendor/services';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import type { Command } from 'commander';
import { addOperatorCommand, answer } from './operator.ts';
import { rowsText } from './rows-text.ts';

interface ProductFlags {
  readonly product: string;
}

const productFlag = { flag: '--product <name>', text: 'the service', required: true } as const;

/** `service-key`, `usage-price`, `close-period`, `orders`, `refund`, `member-paid`. */
export function addServiceCommands(command: Command): void {
  addOperatorCommand<ProductFlags>(
    command,
    {
      name: 'service-key',
      description: 'Make a key for a service’s back end; shown once.',
      options: [productFlag],
    },
    async ({ caller, flags }) => {
      const made = await caller.call(addServiceKey, { params: { product: flags.product } });
      answer(flags, made, () => made.key);
    },
  );

  addOperatorCommand<ProductFlags & { readonly price: string; readonly description: string }>(
    command,
    {
      name: 'usage-price',
      description: 'Set what one use of a service costs.',
      options: [
        productFlag,
        { flag: '--price <money>', text: 'price of one use, such as "3 JPY"', required: true },
        { flag: '--description <text>', text: 'what one use is, as the bill shows it', required: true },
      ],
    },
    async ({ caller, flags }) => {
      const body = { price: readMoney(flags.price, '--price'), description: flags.description };
      const set = await caller.call(setUsagePrice, { params: { product: flags.product }, body });
      answer(flags, set, () => `${set.description}: ${moneyText(set.price)}`);
    },
  );

  addOperatorCommand<ProductFlags & { readonly period: string }>(
    command,
    {
      name: 'close-period',
      description: 'Work out a period’s bills; each member is billed once.',
      options: [productFlag, { flag: '--period <month>', text: 'such as 2026-11', required: true }],
    },
    async ({ caller, flags }) => {
      const params = { product: flags.product, period: flags.period };
      const closed = await caller.call(closeUsagePeriod, { params });
      answer(flags, closed, () => ordersText(closed.bills));
    },
  );

  addOperatorCommand(
    command,
    { name: 'orders', description: 'All orders, newest first.' },
    async ({ caller, flags }) => {
      const items = await readAll((after) => caller.call(listOrders, { query: { ...after } }));
      answer(flags, { items }, () => ordersText(items));
    },
  );

  addRefundCommand(command);
  addMemberPaidCommand(command);
}

/** What `refund` takes besides the order. */
interface RefundFlags {
  readonly amount?: string;
  readonly id?: string;
}

/** `refund`: a server of the vendor decides, the contractor gives the points back. */
function addRefundCommand(command: Command): void {
  addOperatorCommand<RefundFlags>(
    command,
    {
      name: 'refund <order>',
      description: 'Give back an order’s price: what points paid for as points, the rest in money.',
      options: [
        { flag: '--amount <money>', text: 'a part of the price, such as "500 JPY"; else all that is left' },
        { flag: '--id <uuid>', text: 'names the refund, for repeating a command that failed half-way' },
      ],
    },
    async ({ caller, flags, words: [order = ''] }) => {
      const refundId = (flags.id ?? uuidv7(new Date(), systemRandom)) as RefundId;
      const refund = await caller.call(refundOrder, {
        params: { orderId: order as OrderId, refundId },
        body: flags.amount === undefined ? {} : { amount: readMoney(flags.amount, '--amount') },
      });
      answer(flags, refund, () => refundText(refund));
      if (refund.state === 'refused') {
        process.exitCode = 1;
      }
    },
  );
}

/** `member-paid`: books what a member paid, or was paid back. */
function addMemberPaidCommand(command: Command): void {
  addOperatorCommand<{ readonly reference: string; readonly back?: boolean; readonly id?: string }>(
    command,
    {
      name: 'member-paid <member> <amount>',
      description:
        'Record that a member paid for orders; with --back that money of a refunded one was given back.',
      options: [
        { flag: '--reference <text>', text: 'the bank’s or the till’s', required: true },
        { flag: '--back', text: 'the money went to the member' },
        { flag: '--id <uuid>', text: 'names the payment, for repeating a command that failed half-way' },
      ],
    },
    async ({ caller, flags, words: [memberId = '', amount = ''] }) => {
      const payment = await caller.call(recordMemberPayment, {
        params: { paymentId: (flags.id ?? uuidv7(new Date(), systemRandom)) as Id<'payment'> },
        body: {
          memberId: memberId as MemberId,
          amount: readMoney(amount, 'the amount'),
          direction: flags.back === true ? 'paid-back' : 'received',
          reference: flags.reference,
        },
      });
      answer(flags, payment, () => paymentText(payment));
    },
  );
}

function paymentText({ amount, direction, owed, bookedBefore }: ReplyOf<typeof recordMemberPayment>): string {
  const what = direction === 'received' ? 'paid by the member' : 'paid back to the member';
  const left = BigInt(owed.amountMilli);
  const after =
    left === 0n
      ? 'Nothing is owed any more.'
      : `${left > 0n ? 'The member owes' : 'The member is owed'} ${moneyText({ ...owed, amountMilli: String(left < 0n ? -left : left) })} now.`;
  return `${moneyText(amount)} ${what}${bookedBefore ? ', booked before' : ''}. ${after}`;
}

function refundText({ refundId, state, reason, amount, pointsMilli, money }: OrderRefundText): string {
  const what = `${moneyText(amount)}: ${pointsText(pointsMilli)} points and ${moneyText(money)} in money`;
  const why = reason === undefined ? '' : ` ${reason.sentence} ${reason.remedy}`;
  switch (state) {
    case 'done':
      return `Refunded ${what}. The points are the member’s again; pay the money back as it was paid, and book it: taika vendor member-paid MEMBER AMOUNT --back --reference TEXT`;
    case 'pending':
      return `Refund ${refundId} of ${what} waits for the contractor, who is asked again until it answers.${why}`;
    case 'refused':
      return `The contractor refused the refund ${refundId} of ${what}.${why}`;
  }
}

function ordersText(orders: readonly OrderText[]): string {
  return rowsText(
    ['order', 'product', 'kind', 'state', 'price', 'points', 'contractor', 'member', 'refunded'],
    orders.map(
      ({ orderId, product, kind, period, state, price, pointsMilli, discount, charge, refunded }) => [
        orderId,
        product,
        period === undefined ? kind : `${kind} ${period}`,
        state,
        moneyText(price),
        pointsText(pointsMilli),
        moneyText(discount),
        moneyText(charge),
        refunded === undefined ? '' : moneyText(refunded.amount),
      ],
    ),
  );
}
