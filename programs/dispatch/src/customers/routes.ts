import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readPageRequest, toPage } from '@taika/http/page';
import {
  addCustomer as addCustomerRoute,
  listCustomers,
  readCustomer,
  setCustomerDetails,
} from '@taika/protocol/dispatch/parties';
import type { CustomerId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { addCustomer } from './add-customer.ts';
import { type CustomerRow, findCustomer, listCustomerRows, updateCustomerDetails } from './queries.ts';

/** Customers: enrolled and listed by the operator, read by themselves. */
export function registerCustomerRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(addCustomerRoute, async ({ params, body }) => {
    const { customer, key } = await addCustomer(context, { ...params, ...body });
    return { customer: toCustomer(customer), ...(key === undefined ? {} : { key }) };
  });

  route(listCustomers, async ({ query }) => {
    const page = readPageRequest(query);
    return toPage(await listCustomerRows(context.sql, page), page, toCustomer);
  });

  route(readCustomer, async ({ caller }) => {
    const customer = await findCustomer(context.sql, callerOf('customer', caller).customerId);
    if (customer === undefined) {
      throw new ApiError('not-found');
    }
    return { ...toCustomer(customer), retentionDays: context.retentionDays };
  });

  route(setCustomerDetails, async ({ caller, body }) => {
    await updateCustomerDetails(context.sql, {
      ...body,
      number: callerOf('customer', caller).customerNumber,
    });
    return body;
  });
}

function toCustomer({ id, name, currency, createdAt }: CustomerRow) {
  return { customerId: id as CustomerId, name, currency, createdAt };
}
