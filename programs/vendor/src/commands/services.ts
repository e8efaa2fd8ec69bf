import { moneyText, pointsText } from '@taika/cli/amounts';
import { readMoney } from '@taika/cli/read-amounts';
import { readAll } from '@taika/http/read-all';
import {
  addServiceKey,
  closeUsagePeriod,
  listOrders,
  type OrderText,
  setUsagePrice,
} from '@taika/protocol/vendor/services';
import type { Command } from 'commander';
import { addOperatorCommand, answer } from './operator.ts';
import { rowsText } from './rows-text.ts';

interface ProductFlags {
  readonly product: string;
}

const productFlag = { flag: '--product <name>', text: 'the service', required: true } as const;

/** `service-key`, `usage-price`, `close-period`, `orders`. */
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
}

function ordersText(orders: readonly OrderText[]): string {
  return rowsText(
    ['order', 'product', 'kind', 'state', 'price', 'points', 'contractor', 'member'],
    orders.map(({ orderId, product, kind, period, state, price, pointsMilli, discount, charge }) => [
      orderId,
      product,
      period === undefined ? kind : `${kind} ${period}`,
      state,
      moneyText(price),
      pointsText(pointsMilli),
      moneyText(discount),
      moneyText(charge),
    ]),
  );
}
