import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import {
  readCustomerFunds,
  readFunds as readFundsRoute,
  recordPayment as recordPaymentRoute,
  setCreditLimit as setCreditLimitRoute,
} from '@taika/protocol/dispatch/funds';
import type { CustomerId, PaymentId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { findCustomer } from '../customers/queries.ts';
import type { PaymentRow } from './queries.ts';
import { readFunds } from './read-funds.ts';
import { recordPayment } from './record-payment.ts';
import { setCreditLimit } from './set-credit-limit.ts';

/** Deposits, payments and credit: recorded by the operator, read by their customer. */
export function registerFundRoutes(route: DispatchRouter, context: DispatchContext): void {
  const { currency } = context.contractor;
  const money = (amountMilli: bigint) => ({ currency, amountMilli });
  const fundsOf = async (customerNumber: bigint) => {
    const funds = await readFunds(context.sql, { customerNumber, currency });
    return {
      currency,
      deposit: money(funds.depositMilli),
      creditLimit: money(funds.creditLimitMilli),
      owed: money(funds.owedMilli),
      held: money(funds.heldMilli),
      available: money(funds.availableMilli),
    };
  };

  route(recordPaymentRoute, async ({ params, body }) => {
    const payment = await recordPayment(context, { ...params, ...body });
    return { payment: toPayment(payment, body.customerId), funds: await fundsOf(payment.customerNumber) };
  });

  route(setCreditLimitRoute, async ({ params, body }) => {
    const { customerNumber } = await setCreditLimit(context, { ...params, ...body });
    return fundsOf(customerNumber);
  });

  route(readCustomerFunds, async ({ params }) => {
    const customer = await findCustomer(context.sql, params.customerId);
    if (customer === undefined) {
      throw new ApiError('not-found', 'There is no customer with this id.');
    }
    return fundsOf(customer.number);
  });

  route(readFundsRoute, ({ caller }) => fundsOf(callerOf('customer', caller).customerNumber));
}

function toPayment(row: PaymentRow, customerId: CustomerId) {
  const { currency } = row;
  return {
    paymentId: row.id as PaymentId,
    customerId,
    kind: row.kind,
    amount: { currency, amountMilli: row.amountMilli },
    settled: { currency, amountMilli: row.settledMilli },
    ...(row.reference === null ? {} : { reference: row.reference }),
    receivedAt: row.receivedAt,
  };
}
