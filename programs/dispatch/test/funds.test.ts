import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Caller } from '@taika/http/call';
import {
  type FundsText,
  readCustomerFunds,
  readFunds,
  recordPayment,
  setCreditLimit,
} from '@taika/protocol/dispatch/funds';
import { listInvoices, readInvoiceFile } from '@taika/protocol/dispatch/money';
import { readRates, setRates } from '@taika/protocol/dispatch/parties';
import type { CreditLimitId, CustomerId, JobId, PaymentId } from '@taika/protocol/schema';
import { releaseJobHoldStep } from '../src/billing/release-job-holds.ts';
import { findAllDefects } from '../src/books/find-defects.ts';
import { createGrid, pause, type TestGrid } from './support/grid.ts';
import { bearer, enrolCustomer, newId, type TestCustomer } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { invoiceAll as invoiceAllOf, writeJob } from './support/work.ts';

const yen = (amount: bigint | number) => ({ currency: 'JPY', amountMilli: String(BigInt(amount) * 1_000n) });

describe('funds', () => {
  let dispatch: TestDispatch;
  let operator: Caller;
  let grid: TestGrid;
  before(async () => {
    dispatch = await startTestDispatch();
    operator = bearer(dispatch.url, dispatch.operatorKey);
    grid = await createGrid(dispatch.url, dispatch.operatorKey);
  });
  after(() => dispatch?.[Symbol.asyncDispose]());

  const sql = () => dispatch.server.context.sql;
  const noDefects = async () => assert.deepEqual(await findAllDefects(sql()), []);
  const invoiceAll = () => invoiceAllOf(dispatch.server.context);
  const pay = (
    customerId: CustomerId,
    kind: 'deposit' | 'payment' | 'return',
    amount: number,
    paymentId = newId<PaymentId>(),
  ) =>
    operator.call(recordPayment, { params: { paymentId }, body: { customerId, kind, amount: yen(amount) } });
  const limit = (customerId: CustomerId, amount: number, creditLimitId = newId<CreditLimitId>()) =>
    operator.call(setCreditLimit, { params: { creditLimitId }, body: { customerId, limit: yen(amount) } });
  const poor = (name: string) => enrolCustomer(dispatch.url, operator, name, { creditMilli: 0n });
  const fundsOf = async ({ caller }: TestCustomer) => inYen(await caller.call(readFunds));
  const inYen = ({ deposit, creditLimit, owed, held, available }: FundsText) =>
    Object.fromEntries(
      Object.entries({ deposit, creditLimit, owed, held, available }).map(([name, { amountMilli }]) => [
        name,
        Number(amountMilli) / 1_000,
      ]),
    );

  /** A job of one line, as the customer sends it. */
  const submitAs = (customer: TestCustomer, maxPrice?: number, jobId = newId<JobId>()) => {
    const limited = maxPrice === undefined ? {} : { maxPrice: yen(maxPrice) };
    const spec = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' }, ...limited } as const;
    return grid.as(customer).submit('one\n', spec, jobId);
  };

  test('a deposit is booked once however often it is told, and is the customer’s to see', async () => {
    const customer = await poor('Saver');
    const paymentId = newId<PaymentId>();
    const replies = await Promise.all(
      [1, 2, 3].map(() => pay(customer.customerId, 'deposit', 500, paymentId)),
    );
    for (const { payment, funds } of replies) {
      assert.deepEqual(payment, replies[0]?.payment);
      assert.equal(inYen(funds).deposit, 500);
    }
    await assert.rejects(pay(customer.customerId, 'deposit', 501, paymentId), {
      code: 'idempotency-conflict',
    });
    assert.deepEqual(await fundsOf(customer), {
      deposit: 500,
      creditLimit: 0,
      owed: 0,
      held: 0,
      available: 500,
    });
    const { customerId } = customer;
    assert.deepEqual(
      inYen(await operator.call(readCustomerFunds, { params: { customerId } })),
      await fundsOf(customer),
    );
    await assert.rejects(pay(newId<CustomerId>(), 'deposit', 1), { code: 'not-found' });
    await assert.rejects(
      operator.call(recordPayment, {
        params: { paymentId: newId<PaymentId>() },
        body: { customerId, kind: 'deposit', amount: { currency: 'EUR', amountMilli: '1000' } },
      }),
      { code: 'bad-request' },
    );
    await noDefects();
  });

  test('a job without money is refused with what is there, and accepted once it is paid for', async () => {
    const customer = await poor('Short');
    const jobId = newId<JobId>();
    const refused = await submitAs(customer, 300, jobId).catch((error) => error);
    assert.equal(refused.code, 'funds-short');
    assert.match(refused.message, /300 JPY/);
    assert.deepEqual([refused.problem.wantedMilli, refused.problem.availableMilli], ['300000', '0']);
    await pay(customer.customerId, 'deposit', 299);
    await assert.rejects(submitAs(customer, 300, jobId), { code: 'funds-short' });
    await pay(customer.customerId, 'deposit', 1);
    await submitAs(customer, 300, jobId);
    await submitAs(customer, 300, jobId);
    assert.deepEqual(await fundsOf(customer), {
      deposit: 300,
      creditLimit: 0,
      owed: 0,
      held: 300,
      available: 0,
    });
    await noDefects();
  });

  test('a job that names no maximal price holds what the contractor’s limit says', async () => {
    const customer = await poor('Trusting');
    await limit(customer.customerId, 10_000);
    const jobId = await submitAs(customer);
    assert.equal((await grid.as(customer).read(jobId)).maxPrice?.amountMilli, '10000000');
    assert.equal((await fundsOf(customer)).available, 0);
    await grid.as(customer).cancel(jobId);
    await noDefects();
  });

  test('a maximal price in another currency, or below a coin, is refused', async () => {
    const spec = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
    for (const maxPrice of [
      { currency: 'EUR', amountMilli: '100000' },
      { currency: 'JPY', amountMilli: '999' },
      { currency: 'JPY', amountMilli: '-5000' },
    ]) {
      await assert.rejects(grid.submit('one\n', { ...spec, maxPrice }), { code: 'job-refused' });
    }
  });

  test('of jobs that race for the same deposit, as many are accepted as it covers', async () => {
    const customer = await poor('Racer');
    await pay(customer.customerId, 'deposit', 1_000);
    await submitAs(customer, 1);
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => submitAs(customer, 300)));
    const accepted = outcomes.filter(({ status }) => status === 'fulfilled').length;
    assert.equal(accepted, 3);
    assert.deepEqual((await fundsOf(customer)).available, 99);
    await noDefects();
  });

  test('an invoice takes its total from the deposit first, then from credit, and the remainder is free', async () => {
    const customer = await poor('Mixed');
    await limit(customer.customerId, 1_000);
    await pay(customer.customerId, 'deposit', 30);
    // 100 yen of fuel and 10 of tax.
    await writeJob(sql(), { customerId: customer.customerId, fuel: 10n ** 11n, maxPriceMilli: 500_000n });
    await Promise.all([invoiceAll(), invoiceAll()]);
    assert.deepEqual(await fundsOf(customer), {
      deposit: 0,
      creditLimit: 1_000,
      owed: 80,
      held: 0,
      available: 920,
    });
    await noDefects();
    await pay(customer.customerId, 'payment', 100);
    assert.deepEqual(await fundsOf(customer), {
      deposit: 20,
      creditLimit: 1_000,
      owed: 0,
      held: 0,
      available: 1_020,
    });
    await noDefects();
  });

  test('an invoice never passes the maximal price: the contractor bears the rest and the invoice says so', async () => {
    const customer = await poor('Capped');
    await pay(customer.customerId, 'deposit', 50);
    await writeJob(sql(), { customerId: customer.customerId, fuel: 10n ** 11n, maxPriceMilli: 50_000n });
    await invoiceAll();
    const [invoice] = (await customer.caller.call(listInvoices, { query: {} })).items;
    assert.deepEqual([invoice?.net, invoice?.tax, invoice?.total], [yen(45), yen(5), yen(50)]);
    assert.deepEqual(invoice?.lines[0]?.amount, yen(45));
    assert.deepEqual(invoice?.lines[0]?.beyondLimit, yen(55));
    const params = { invoiceId: invoice!.invoiceId, format: 'json' as const };
    const file = await (await customer.caller.open(readInvoiceFile, { params, query: {} })).json();
    const beyond = file.lines[0].facts.find(({ name }: { name: string }) => name === 'beyond-limit');
    assert.match(beyond.value, /-.*55/);
    assert.equal((await fundsOf(customer)).deposit, 0);
    await noDefects();
  });

  test('a job that costs nothing after all gives everything back', async () => {
    const customer = await poor('Lucky');
    await pay(customer.customerId, 'deposit', 50);
    await writeJob(sql(), { customerId: customer.customerId, fuel: 1n, maxPriceMilli: 50_000n });
    await invoiceAll();
    assert.deepEqual(await fundsOf(customer), {
      deposit: 50,
      creditLimit: 0,
      owed: 0,
      held: 0,
      available: 50,
    });
    await noDefects();
  });

  test('a job that is cancelled gives everything back', async () => {
    const customer = await poor('Fickle');
    await pay(customer.customerId, 'deposit', 50);
    const jobId = await submitAs(customer, 50);
    await grid.as(customer).cancel(jobId);
    await Promise.all([
      releaseJobHoldStep(dispatch.server.context),
      releaseJobHoldStep(dispatch.server.context),
    ]);
    while ((await fundsOf(customer)).held !== 0) {
      await pause();
    }
    assert.equal((await fundsOf(customer)).available, 50);
    await noDefects();
  });

  test('credit cannot be taken away below what is owed and held, nor a deposit that is held be returned', async () => {
    const customer = await poor('Owing');
    await limit(customer.customerId, 400);
    await submitAs(customer, 250);
    await assert.rejects(limit(customer.customerId, 249), {
      code: 'conflict',
      message: /250 JPY are owed or held/,
    });
    await limit(customer.customerId, 250);
    await pay(customer.customerId, 'deposit', 100);
    await submitAs(customer, 60);
    await assert.rejects(pay(customer.customerId, 'return', 41), {
      code: 'conflict',
      message: /Only 40 JPY/,
    });
    await pay(customer.customerId, 'return', 40);
    assert.deepEqual(await fundsOf(customer), {
      deposit: 60,
      creditLimit: 250,
      owed: 0,
      held: 310,
      available: 0,
    });
    await noDefects();
  });

  test('work that is free of charge needs no funds', async () => {
    const { version, ...card } = await operator.call(readRates);
    const publish = (number: number, amountMilli: string) =>
      operator.call(setRates, {
        params: { version: String(number) },
        body: { ...card, price: { ...card.price, amountMilli } },
      });
    await publish(version + 1, '0');
    const customer = await poor('Guest');
    const jobId = await submitAs(customer);
    assert.equal((await grid.as(customer).read(jobId)).maxPrice, undefined);
    await publish(version + 2, card.price.amountMilli);
    await noDefects();
  });
});
