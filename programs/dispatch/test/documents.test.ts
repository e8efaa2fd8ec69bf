import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkUbl } from '@taika/documents/check-ubl';
import type { Caller } from '@taika/http/call';
import { RemoteError } from '@taika/http/call';
import { type ClaimDocumentId, prepareClaimDocument } from '@taika/protocol/dispatch/claim-documents';
import { listInvoices, readInvoice, readInvoiceFile } from '@taika/protocol/dispatch/money';
import { setCustomerDetails } from '@taika/protocol/dispatch/parties';
import type { VendorId } from '@taika/protocol/schema';
import { issueInvoiceStep } from '../src/billing/issue-invoices.ts';
import { bearer, enrolCustomer, newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { writeJob } from './support/work.ts';

describe('documents', () => {
  let dispatch: TestDispatch;
  let operator: Caller;
  before(async () => {
    dispatch = await startTestDispatch({ registrationNumber: 'T1234567890123', name: '対価計算' });
    operator = bearer(dispatch.url, dispatch.operatorKey);
  });
  after(() => dispatch?.[Symbol.asyncDispose]());

  const invoiced = async (name: string, fuel: bigint) => {
    const customer = await enrolCustomer(dispatch.url, operator, name);
    await customer.caller.call(setCustomerDetails, {
      body: { address: '大阪市北区 1', registrationNumber: 'T9999999999999', country: 'JP' },
    });
    await writeJob(dispatch.server.context.sql, { customerId: customer.customerId, fuel });
    while ((await issueInvoiceStep(dispatch.server.context)) === 'again') {
      // Until every done job is invoiced.
    }
    const [invoice] = (await customer.caller.call(listInvoices, { query: {} })).items;
    assert.ok(invoice);
    return { customer, invoice };
  };
  const fileOf = async (caller: Caller, invoiceId: string, format: 'pdf' | 'xml' | 'csv' | 'json') => {
    const params = { invoiceId: invoiceId as never, format };
    const response = await caller.open(readInvoiceFile, { params, query: { lang: 'ja' } });
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
  };

  test('an invoice is had as PDF, XML, CSV and JSON under its number', async () => {
    const { customer, invoice } = await invoiced('晴天株式会社', 12_345_678_901n);
    const { invoiceId, number } = invoice;
    const types = {
      pdf: 'application/pdf',
      xml: 'application/xml',
      csv: 'text/csv',
      json: 'application/json',
    };
    for (const [format, type] of Object.entries(types)) {
      const { response, bytes } = await fileOf(customer.caller, invoiceId, format as keyof typeof types);
      assert.ok(response.headers.get('content-type')?.startsWith(type), format);
      assert.equal(response.headers.get('content-disposition'), `inline; filename="${number}.${format}"`);
      assert.ok(bytes.length > 100, format);
    }
    const xml = new TextDecoder().decode((await fileOf(customer.caller, invoiceId, 'xml')).bytes);
    assert.deepEqual(checkUbl(xml), []);
    for (const text of [
      '晴天株式会社',
      '対価計算',
      'T1234567890123',
      'T9999999999999',
      `job:${invoice.lines[0]?.jobId}`,
    ]) {
      assert.ok(xml.includes(text), text);
    }
  });

  test('the header Accept chooses the format too', async () => {
    const { customer, invoice } = await invoiced('Accept', 10n ** 9n);
    const params = { invoiceId: invoice.invoiceId };
    const asked = await customer.caller.open(readInvoice, { params, headers: { accept: 'application/pdf' } });
    assert.equal(asked.headers.get('content-type'), 'application/pdf');
    assert.equal(
      Buffer.from(await asked.arrayBuffer())
        .subarray(0, 5)
        .toString(),
      '%PDF-',
    );
    assert.deepEqual(await customer.caller.call(readInvoice, { params }), invoice);
  });

  test('a document keeps the names under which it was issued', async () => {
    const { customer, invoice } = await invoiced('Before', 10n ** 9n);
    const once = (await fileOf(customer.caller, invoice.invoiceId, 'pdf')).bytes;
    await customer.caller.call(setCustomerDetails, { body: { address: 'moved', country: 'US' } });
    const again = (await fileOf(customer.caller, invoice.invoiceId, 'pdf')).bytes;
    assert.deepEqual(again, once);
  });

  test('another customer has neither the invoice nor its file, and the operator has both', async () => {
    const { invoice } = await invoiced('Owner', 10n ** 9n);
    const other = await enrolCustomer(dispatch.url, operator, 'Other');
    await assert.rejects(fileOf(other.caller, invoice.invoiceId, 'pdf'), isNotFound);
    assert.ok((await fileOf(operator, invoice.invoiceId, 'pdf')).bytes.length > 1000);
    assert.deepEqual(await operator.call(readInvoice, { params: { invoiceId: invoice.invoiceId } }), invoice);
  });

  test('invoices are found by day, amount, counterparty and number', async () => {
    const small = await invoiced('Kleine Firma', 2n * 10n ** 9n);
    const large = await invoiced('Große Firma', 900n * 10n ** 9n);
    const numbers = async (query: object, caller = operator) =>
      (await caller.call(listInvoices, { query })).items.map(({ number }) => number);
    const today = small.invoice.issuedAt.slice(0, 10);
    assert.deepEqual(await numbers({ counterparty: 'große' }), [large.invoice.number]);
    assert.deepEqual(await numbers({ counterparty: large.customer.customerId }), [large.invoice.number]);
    assert.deepEqual(await numbers({ counterparty: 'firma', amountFrom: '900000' }), [large.invoice.number]);
    assert.deepEqual(await numbers({ counterparty: 'firma', amountTo: '2000' }), [small.invoice.number]);
    assert.deepEqual(await numbers({ counterparty: 'firma', from: today, to: today }), [
      large.invoice.number,
      small.invoice.number,
    ]);
    assert.deepEqual(await numbers({ counterparty: 'firma', to: '2020-01-01' }), []);
    assert.deepEqual(await numbers({ number: small.invoice.number }), [small.invoice.number]);
    assert.deepEqual(await numbers({ number: small.invoice.number }, large.customer.caller), []);
    await assert.rejects(numbers({ from: '2026-02-30' }), /no day/);
  });

  test('a claim is not prepared up to a day that no calendar has', async () => {
    const documentId = newId<ClaimDocumentId>();
    const body = { vendorId: newId<VendorId>(), to: '2026-02-31' };
    const preparing = operator.call(prepareClaimDocument, { params: { documentId }, body });
    await assert.rejects(preparing, { code: 'bad-request', message: /body\/to is no day of the calendar/ });
  });
});

function isNotFound(error: unknown): boolean {
  return error instanceof RemoteError && error.code === 'not-found';
}
