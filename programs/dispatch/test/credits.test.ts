import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Caller } from '@taika/http/call';
import {
  issueCreditNote,
  listCreditNotes,
  readCreditNoteFile,
  voidInvoice,
} from '@taika/protocol/dispatch/credits';
import { readFunds, recordPayment } from '@taika/protocol/dispatch/funds';
import { listInvoices, readInvoiceFile } from '@taika/protocol/dispatch/money';
import type { CreditNoteId, InvoiceId, PaymentId, VoidId } from '@taika/protocol/schema';
import { findAllDefects } from '../src/books/find-defects.ts';
import { bearer, enrolCustomer, newId, type TestCustomer } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { invoiceAll, writeJob } from './support/work.ts';

const yen = (amount: number) => ({ currency: 'JPY', amountMilli: `${amount}000` });

describe('corrections of invoices', () => {
  let dispatch: TestDispatch;
  let operator: Caller;
  before(async () => {
    dispatch = await startTestDispatch();
    operator = bearer(dispatch.url, dispatch.operatorKey);
  });
  after(() => dispatch?.[Symbol.asyncDispose]());

  const sql = () => dispatch.server.context.sql;
  const noDefects = async () => assert.deepEqual(await findAllDefects(sql()), []);
  /** A customer with an invoice of so many yen before tax, found by the operator. */
  const invoiced = async (net: number, { creditMilli = 10n ** 12n, deposit = 0 } = {}) => {
    const customer = await enrolCustomer(dispatch.url, operator, 'Corrected', { creditMilli });
    const { customerId } = customer;
    if (deposit > 0) {
      await pay(customer, 'deposit', deposit);
    }
    await writeJob(sql(), {
      customerId,
      fuel: BigInt(net) * 10n ** 9n,
      maxPriceMilli: BigInt(net) * 1_200n,
    });
    await invoiceAll(dispatch.server.context);
    const [invoice] = (await operator.call(listInvoices, { query: { counterparty: customerId } })).items;
    assert.ok(invoice);
    return { customer, invoiceId: invoice.invoiceId };
  };
  const pay = ({ customerId }: TestCustomer, kind: 'deposit' | 'payment', amount: number) =>
    operator.call(recordPayment, {
      params: { paymentId: newId<PaymentId>() },
      body: { customerId, kind, amount: yen(amount) },
    });
  const credit = (invoiceId: InvoiceId, net?: number, creditNoteId = newId<CreditNoteId>()) =>
    operator.call(issueCreditNote, {
      params: { creditNoteId },
      body: { invoiceId, reason: 'Not as agreed.', ...(net === undefined ? {} : { net: yen(net) }) },
    });
  const takeBack = (invoiceId: InvoiceId, voidId = newId<VoidId>()) =>
    operator.call(voidInvoice, { params: { voidId }, body: { invoiceId, reason: 'Sent in error.' } });
  const fundsOf = async ({ caller }: TestCustomer) => {
    const { deposit, owed, available } = await caller.call(readFunds);
    return [deposit, owed, available].map(({ amountMilli }) => Number(amountMilli) / 1_000);
  };

  test('credit notes in parts end at exactly the invoice, and never go beyond it', async () => {
    const { customer, invoiceId } = await invoiced(33, { creditMilli: 100_000n });
    assert.deepEqual(await fundsOf(customer), [0, 36, 64]);
    const notes = [await credit(invoiceId, 14), await credit(invoiceId, 14)];
    await assert.rejects(credit(invoiceId, 6), { code: 'conflict', message: /5 JPY before tax can still/ });
    notes.push(await credit(invoiceId));
    assert.deepEqual(
      notes.map(({ net, tax, total }) =>
        [net, tax, total].map(({ amountMilli }) => Number(amountMilli) / 1_000),
      ),
      [
        [14, 1, 15],
        [14, 2, 16],
        [5, 0, 5],
      ],
    );
    await assert.rejects(credit(invoiceId), { code: 'conflict' });
    assert.deepEqual(await fundsOf(customer), [0, 0, 100]);
    const [invoice] = (await customer.caller.call(listInvoices, { query: {} })).items;
    assert.deepEqual(invoice?.credited, yen(36));
    const numbers = (await customer.caller.call(listCreditNotes, { query: {} })).items.map(
      ({ number }) => number,
    );
    assert.deepEqual(numbers, notes.map(({ number }) => number).reverse());
    await noDefects();
  });

  test('what was paid comes back to the deposit; what is owed is lessened first', async () => {
    const { customer, invoiceId } = await invoiced(100, { creditMilli: 80_000n, deposit: 60 });
    assert.deepEqual(await fundsOf(customer), [0, 50, 30]);
    const note = await credit(invoiceId, 80);
    assert.deepEqual([note.total, note.toDeposit], [yen(88), yen(38)]);
    assert.deepEqual(await fundsOf(customer), [38, 0, 118]);
    await noDefects();
  });

  test('a credit note is issued once however often it is asked for, also at the same time', async () => {
    const { invoiceId } = await invoiced(100);
    const creditNoteId = newId<CreditNoteId>();
    const notes = await Promise.all([1, 2, 3].map(() => credit(invoiceId, 30, creditNoteId)));
    for (const note of notes) {
      assert.deepEqual(note, notes[0]);
    }
    await assert.rejects(credit(invoiceId, 31, creditNoteId), { code: 'idempotency-conflict' });
    const racing = await Promise.allSettled([1, 2, 3].map(() => credit(invoiceId, 30)));
    assert.equal(racing.filter(({ status }) => status === 'fulfilled').length, 2);
    await assert.rejects(credit(newId<InvoiceId>(), 1), { code: 'not-found' });
    await noDefects();
  });

  test('an invoice that nobody has seen or paid can be taken back, once, and its number stays', async () => {
    const { customer, invoiceId } = await invoiced(100, { creditMilli: 300_000n });
    assert.deepEqual(await fundsOf(customer), [0, 110, 190]);
    const voidId = newId<VoidId>();
    await Promise.all([takeBack(invoiceId, voidId), takeBack(invoiceId, voidId)]);
    assert.deepEqual(await fundsOf(customer), [0, 0, 300]);
    const [invoice] = (await customer.caller.call(listInvoices, { query: {} })).items;
    assert.ok(invoice?.voidedAt);
    const fileOf = async (format: 'xml' | 'json') => {
      const response = await customer.caller.open(readInvoiceFile, {
        params: { invoiceId, format },
        query: {},
      });
      return response.text();
    };
    assert.equal(JSON.parse(await fileOf('json')).voidedOn, invoice.voidedAt.slice(0, 10));
    await assert.rejects(fileOf('xml'), { code: 'not-renderable', message: /is void since/ });
    await assert.rejects(takeBack(invoiceId), { code: 'wrong-state', message: /void already/ });
    await assert.rejects(credit(invoiceId), { code: 'conflict', message: /is void/ });
    await noDefects();
  });

  test('an invoice that was fetched, paid or credited is not taken back', async () => {
    const fetched = await invoiced(100);
    await fetched.customer.caller.call(listInvoices, { query: {} });
    await assert.rejects(takeBack(fetched.invoiceId), { code: 'wrong-state', message: /was fetched/ });
    const prepaid = await invoiced(100, { creditMilli: 200_000n, deposit: 1 });
    await assert.rejects(takeBack(prepaid.invoiceId), { code: 'wrong-state', message: /from the deposit/ });
    const paid = await invoiced(100);
    await pay(paid.customer, 'payment', 1);
    await assert.rejects(takeBack(paid.invoiceId), { code: 'wrong-state', message: /was paid/ });
    const credited = await invoiced(100);
    await credit(credited.invoiceId, 1);
    await assert.rejects(takeBack(credited.invoiceId), { code: 'wrong-state', message: /was credited/ });
    await noDefects();
  });

  test('credit notes are found by day, amount, counterparty and number', async () => {
    const { customer, invoiceId } = await invoiced(1_000);
    const [small, large] = [await credit(invoiceId, 10), await credit(invoiceId, 500)];
    const { customerId: counterparty } = customer;
    const found = async (query: object, caller = operator) =>
      (await caller.call(listCreditNotes, { query })).items.map(({ number }) => number);
    const today = small.issuedAt.slice(0, 10);
    assert.deepEqual(await found({ counterparty }), [large.number, small.number]);
    assert.deepEqual(await found({ counterparty, from: today, to: today }), [large.number, small.number]);
    assert.deepEqual(await found({ counterparty, to: '2020-12-31' }), []);
    assert.deepEqual(await found({ counterparty, amountFrom: '550000' }), [large.number]);
    assert.deepEqual(await found({ counterparty, amountTo: '11000' }), [small.number]);
    assert.deepEqual(await found({ number: small.number }), [small.number]);
    assert.ok((await found({ counterparty: 'correct' })).includes(small.number));
    assert.deepEqual(await found({ counterparty: 'nobody' }), []);
    assert.deepEqual(await found({ amountFrom: '550000' }, customer.caller), [large.number]);
    const other = await enrolCustomer(dispatch.url, operator);
    assert.deepEqual(await found({ number: small.number }, other.caller), []);
    await assert.rejects(found({ from: '2026-02-30' }), { code: 'bad-request' });
  });

  test('a credit note is had as a file that names its invoice, by its customer alone', async () => {
    const { customer, invoiceId } = await invoiced(100);
    const { creditNoteId, number, invoiceNumber } = await credit(invoiceId, 10);
    const says = { json: invoiceNumber, csv: number, pdf: '%PDF' };
    for (const format of ['json', 'csv', 'pdf'] as const) {
      const params = { creditNoteId, format };
      const file = await customer.caller.open(readCreditNoteFile, { params });
      const text = await file.text();
      assert.ok(text.includes(says[format]), format);
    }
    const other = await enrolCustomer(dispatch.url, operator);
    const params = { creditNoteId, format: 'json' } as const;
    await assert.rejects(other.caller.open(readCreditNoteFile, { params }), { code: 'not-found' });
  });
});
