import { moneyText } from '@taika/cli/amounts';
import { readMoneyIn } from '@taika/cli/read-amounts';
import { table } from '@taika/cli/table';
import type { Caller } from '@taika/http/call';
import {
  type FundsText,
  readCustomerFunds,
  recordPayment,
  setCreditLimit as setCreditLimitRoute,
} from '@taika/protocol/dispatch/funds';
import { readRates } from '@taika/protocol/dispatch/parties';
import type { CreditLimitId, CustomerId, PaymentId } from '@taika/protocol/schema';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import type { Answer } from './contractor.ts';

/** Flags of what moves a customer's money. */
export interface AmountFlags {
  readonly amount: string;
  readonly reference?: string;
  /** Names the event, so that a command that is repeated after a failure books it once. */
  readonly id?: string;
}

/** `deposit`: a customer paid in advance. */
export const deposit = paymentCommand('deposit', 'paid in advance');

/** `payment`: a customer paid what it owes. */
export const payment = paymentCommand('payment', 'paid');

/** `return-deposit`: a customer was given deposit back. */
export const returnDeposit = paymentCommand('return', 'returned');

function paymentCommand(kind: 'deposit' | 'payment' | 'return', done: string) {
  return async (
    server: Caller,
    { json }: Answer,
    { amount, reference, id }: AmountFlags,
    customer: string,
  ): Promise<void> => {
    const reply = await server.call(recordPayment, {
      params: { paymentId: (id ?? newId()) as PaymentId },
      body: {
        customerId: customer as CustomerId,
        kind,
        amount: await readAmount(server, amount),
        ...(reference === undefined ? {} : { reference }),
      },
    });
    if (json) {
      console.log(JSON.stringify(reply));
      return;
    }
    const { settled } = reply.payment;
    const part = settled.amountMilli === '0' ? '' : ` (${moneyText(settled)} of it settled what was owed)`;
    console.log(`${moneyText(reply.payment.amount)} ${done}${part}.`);
    console.log(fundsText(reply.funds));
  };
}

/** `credit-limit`: says how far a customer may owe. */
export async function setCreditLimit(
  server: Caller,
  answer: Answer,
  { amount, id }: AmountFlags,
  customer: string,
): Promise<void> {
  const funds = await server.call(setCreditLimitRoute, {
    params: { creditLimitId: (id ?? newId()) as CreditLimitId },
    body: { customerId: customer as CustomerId, limit: await readAmount(server, amount) },
  });
  print(funds, answer);
}

/** `funds`: what a customer has, owes and holds. */
export async function showFunds(
  server: Caller,
  answer: Answer,
  _flags: unknown,
  customer: string,
): Promise<void> {
  print(await server.call(readCustomerFunds, { params: { customerId: customer as CustomerId } }), answer);
}

/** Amounts are typed without a currency: a contractor has one. */
export async function readAmount(server: Caller, amount: string, flag = '--amount') {
  const { price } = await server.call(readRates);
  return readMoneyIn({ amount, currency: price.currency }, flag);
}

function print(funds: FundsText, { json }: Answer): void {
  console.log(json ? JSON.stringify({ funds }) : fundsText(funds));
}

function fundsText(funds: FundsText): string {
  const rows = [
    { what: 'deposit', amount: moneyText(funds.deposit) },
    { what: 'credit limit', amount: moneyText(funds.creditLimit) },
    { what: 'owed', amount: moneyText(funds.owed) },
    { what: 'held for jobs', amount: moneyText(funds.held) },
    { what: 'free for jobs', amount: moneyText(funds.available) },
  ];
  return table(rows, [
    { heading: 'funds', text: ({ what }) => what },
    { heading: 'amount', text: ({ amount }) => amount, right: true },
  ]);
}

function newId(): string {
  return uuidv7(new Date(), systemRandom);
}
