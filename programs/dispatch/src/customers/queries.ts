import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';

/** A row of `customer`. */
export interface CustomerRow {
  readonly id: string;
  readonly number: bigint;
  readonly name: string;
  readonly currency: string;
  readonly createdAt: Date;
}

/** Stores a new customer; undefined when there is one with this id. */
export async function insertCustomer(
  sql: SqlOrTransaction,
  customer: Omit<CustomerRow, 'number'>,
): Promise<CustomerRow | undefined> {
  const [row] = await sql<CustomerRow[]>`
    insert into customer (id, name, currency, created_at)
    values (${customer.id}, ${customer.name}, ${customer.currency}, ${customer.createdAt})
    on conflict (id) do nothing
    returning id, number, name, currency, created_at
  `;
  return row;
}

/** The customer with this id. */
export async function findCustomer(sql: SqlOrTransaction, id: string): Promise<CustomerRow | undefined> {
  const [row] = await sql<CustomerRow[]>`
    select id, number, name, currency, created_at
    from customer
    where id = ${id}
  `;
  return row;
}

/** Customers in the order of enrolment, one more than the page holds. */
export function listCustomerRows(sql: Sql, { after, limit }: PageRequest): Promise<CustomerRow[]> {
  return sql<CustomerRow[]>`
    select id, number, name, currency, created_at
    from customer
    where number > ${after}
    order by number
    limit ${limit + 1}
  `;
}

/** Stores the hash of a customer's key. */
export async function insertCustomerKey(
  sql: SqlOrTransaction,
  key: { readonly hash: string; readonly customerNumber: bigint; readonly createdAt: Date },
): Promise<void> {
  await sql`
    insert into customer_key (hash, customer_number, created_at)
    values (${Buffer.from(key.hash, 'hex')}, ${key.customerNumber}, ${key.createdAt})
  `;
}

/** Whose key hashes to this; undefined when nobody's does, or when it was withdrawn. */
export async function findCustomerByKey(
  sql: Sql,
  hash: string,
): Promise<{ readonly id: string; readonly number: bigint } | undefined> {
  const [row] = await sql<{ id: string; number: bigint }[]>`
    select c.id, c.number
    from customer_key k
    join customer c on c.number = k.customer_number
    where k.hash = ${Buffer.from(hash, 'hex')}
      and k.withdrawn_at is null
  `;
  return row;
}

/** What a customer says of itself for documents. */
export interface CustomerDetails {
  readonly address?: string | undefined;
  readonly registrationNumber?: string | undefined;
  readonly country?: string | undefined;
}

/** Replaces what a customer says of itself. */
export async function updateCustomerDetails(
  sql: Sql,
  { number, address, registrationNumber, country }: CustomerDetails & { readonly number: bigint },
): Promise<void> {
  await sql`
    update customer
    set address = ${address ?? null},
        registration_number = ${registrationNumber ?? null},
        country = ${country ?? null}
    where number = ${number}
  `;
}
