import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Caller, RemoteError } from '@taika/http/call';
import {
  claimLicenseFee,
  listClaims,
  listInvoices,
  readBooks,
  readInvoice,
} from '@taika/protocol/dispatch/money';
import { readRates, setRates } from '@taika/protocol/dispatch/parties';
import { endRegistration } from '@taika/protocol/dispatch/registrations';
import type { ClaimId, InvoiceId, RegistrationId } from '@taika/protocol/schema';
import { findAllDefects } from '../src/books/find-defects.ts';
import {
  bearer,
  enrolCustomer,
  enrolVendor,
  newId,
  registerTerminal,
  type TestVendor,
} from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { invoiceAll as invoiceAllOf, writeEntry, writeJob } from './support/work.ts';

describe('billing', () => {
  let dispatch: TestDispatch;
  let operator: Caller;
  before(async () => {
    dispatch = await startTestDispatch();
    operator = bearer(dispatch.url, dispatch.operatorKey);
  });
  after(() => dispatch?.[Symbol.asyncDispose]());

  const sql = () => dispatch.server.context.sql;
  const noDefects = async () => assert.deepEqual(await findAllDefects(sql()), []);
  const invoiceAll = () => invoiceAllOf(dispatch.server.context);

  test('a job that is done is invoiced once: units, fuel, rate, and tax rounded once', async () => {
    const customer = await enrolCustomer(dispatch.url, operator, 'Ada');
    const { jobId } = await writeJob(sql(), {
      customerId: customer.customerId,
      fuel: 12_345_678_901n,
      units: 7,
    });
    await Promise.all([invoiceAll(), invoiceAll(), invoiceAll()]);
    const { items } = await customer.caller.call(listInvoices, { query: {} });
    assert.equal(items.length, 1);
    const [invoice] = items;
    const yen = (amountMilli: string) => ({ currency: 'JPY', amountMilli });
    assert.match(invoice!.number, /^INV-\d{4}-\d{6}$/);
    assert.deepEqual(invoice!.lines, [
      {
        jobId,
        description: 'weather',
        units: 7,
        fuel: '12345678901',
        rateVersion: 1,
        price: yen('1000'),
        perFuel: '1000000000',
        amount: yen('12346'),
      },
    ]);
    assert.deepEqual([invoice!.net, invoice!.tax, invoice!.total], [yen('12000'), yen('1000'), yen('13000')]);
    assert.deepEqual(
      await customer.caller.call(readInvoice, { params: { invoiceId: invoice!.invoiceId } }),
      invoice,
    );
    await noDefects();
  });

  test('numbers of invoices have no gaps, whoever takes them at the same time', async () => {
    const customer = await enrolCustomer(dispatch.url, operator, 'Grace');
    for (let index = 0; index < 12; index++) {
      await writeJob(sql(), { customerId: customer.customerId, fuel: BigInt(index) * 10n ** 9n });
    }
    await Promise.all([invoiceAll(), invoiceAll(), invoiceAll(), invoiceAll()]);
    const rows = await sql()<{ documentNumber: string }[]>`select document_number from invoice order by 1`;
    const numbers = rows.map(({ documentNumber }) => Number(documentNumber.slice(-6)));
    assert.deepEqual(
      numbers,
      Array.from(numbers, (_, index) => index + 1),
    );
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const query = after === undefined ? { limit: '5' } : { limit: '5', after };
      const page = await customer.caller.call(listInvoices, { query });
      seen.push(...page.items.map(({ number }) => number));
      if (page.next === undefined) {
        break;
      }
      after = page.next;
    }
    assert.equal(new Set(seen).size, 12);
    assert.deepEqual(seen, [...seen].sort().reverse());
    await noDefects();
  });

  test('a job keeps the rates under which it was submitted', async () => {
    const { version, ...card } = await operator.call(readRates);
    const next = { ...card, price: { ...card.price, amountMilli: '7000' } };
    const params = { version: String(version + 1) };
    const published = await operator.call(setRates, { params, body: next });
    assert.deepEqual(await operator.call(setRates, { params, body: next }), published);
    await assert.rejects(operator.call(setRates, { params, body: card }), withCode('idempotency-conflict'));
    await assert.rejects(
      operator.call(setRates, { params: { version: String(version + 5) }, body: card }),
      withCode('conflict'),
    );
    await assert.rejects(
      operator.call(setRates, {
        params: { version: String(version + 2) },
        body: { ...card, price: { currency: 'EUR', amountMilli: '1' } },
      }),
      withCode('bad-request'),
    );
    const customer = await enrolCustomer(dispatch.url, operator, 'Old');
    await writeJob(sql(), { customerId: customer.customerId, fuel: 10n ** 9n, rateVersion: 1 });
    await writeJob(sql(), { customerId: customer.customerId, fuel: 10n ** 9n, rateVersion: 2 });
    await invoiceAll();
    const { items } = await customer.caller.call(listInvoices, { query: {} });
    assert.deepEqual(items.map(({ net }) => net.amountMilli).sort(), ['1000', '7000']);
  });

  test('an invoice is seen by its customer alone', async () => {
    const owner = await enrolCustomer(dispatch.url, operator, 'Owner');
    const other = await enrolCustomer(dispatch.url, operator, 'Other');
    await writeJob(sql(), { customerId: owner.customerId, fuel: 10n ** 10n });
    await invoiceAll();
    const invoiceId = (await owner.caller.call(listInvoices, { query: {} })).items[0]!.invoiceId;
    assert.deepEqual((await other.caller.call(listInvoices, { query: {} })).items, []);
    await assert.rejects(other.caller.call(readInvoice, { params: { invoiceId } }), withCode('not-found'));
    await assert.rejects(
      owner.caller.call(readInvoice, { params: { invoiceId: newId<InvoiceId>() } }),
      withCode('not-found'),
    );
  });

  describe('license fees', () => {
    const month = new Date().toISOString().slice(0, 7);
    const claim = (
      vendor: TestVendor,
      registrationId: RegistrationId,
      options: { month?: string; claimId?: ClaimId } = {},
    ) => {
      const { claimId = newId<ClaimId>(), month: ofMonth } = options;
      const body = ofMonth === undefined ? { registrationId } : { registrationId, month: ofMonth };
      return vendor.caller.call(claimLicenseFee, { params: { claimId }, body });
    };
    const work = async (terminalId: string, at = new Date()) => {
      const { customerId } = await enrolCustomer(dispatch.url, operator);
      const { jobNumber } = await writeJob(sql(), { customerId, fuel: 0n, state: 'running' });
      await writeEntry(sql(), { terminalId, jobNumber, fuel: 1_000n, at });
    };

    test('a fee by the registration is due once', async () => {
      const vendor = await enrolVendor(dispatch.url, operator, {
        kind: 'per-registration',
        feeMilli: '500000',
      });
      const { registrationId } = await registerTerminal(vendor);
      const claimId = newId<ClaimId>();
      const accrued = await claim(vendor, registrationId, { claimId });
      assert.equal(accrued.state, 'accrued');
      assert.deepEqual(accrued.amount, { currency: 'JPY', amountMilli: '500000' });
      assert.deepEqual(await claim(vendor, registrationId, { claimId }), accrued);
      const again = await claim(vendor, registrationId);
      assert.equal(again.state, 'refused');
      assert.equal(again.reason?.code, 'fee-claimed-before');
      assert.equal(again.amount.amountMilli, '0');
      await assert.rejects(claim(vendor, registrationId, { month }), withCode('bad-request'));
      await noDefects();
    });

    test('a fee by the month is due for a month with work, once, however many claims race', async () => {
      const vendor = await enrolVendor(dispatch.url, operator);
      const { registrationId, terminalId } = await registerTerminal(vendor);
      const early = await claim(vendor, registrationId, { month });
      assert.equal(early.reason?.code, 'fee-without-work');
      await work(terminalId);
      const claims = await Promise.all(
        Array.from({ length: 5 }, () => claim(vendor, registrationId, { month })),
      );
      assert.equal(claims.filter(({ state }) => state === 'accrued').length, 1);
      assert.equal(claims.filter(({ reason }) => reason?.code === 'fee-claimed-before').length, 4);
      assert.deepEqual(await claim(vendor, registrationId, { month, claimId: early.claimId }), early);
      const before = await claim(vendor, registrationId, { month: '2020-01' });
      assert.equal(before.reason?.code, 'fee-not-registered');
      await assert.rejects(claim(vendor, registrationId), withCode('bad-request'));
      await assert.rejects(claim(vendor, registrationId, { month: '2026-13' }), withCode('bad-request'));
      const listed = (await vendor.caller.call(listClaims, { query: {} })).items;
      assert.equal(listed.length, 7);
      assert.deepEqual(
        listed.filter(({ state }) => state === 'accrued').map(({ month: ofMonth }) => ofMonth),
        [month],
      );
      await noDefects();
    });

    test('a registration that ended before a month, or another vendor’s, earns no fee', async () => {
      const vendor = await enrolVendor(dispatch.url, operator);
      const other = await enrolVendor(dispatch.url, operator);
      const { registrationId, terminalId } = await registerTerminal(vendor);
      const next = new Date();
      next.setUTCMonth(next.getUTCMonth() + 1, 15);
      const nextMonth = next.toISOString().slice(0, 7);
      await work(terminalId, next);
      await vendor.caller.call(endRegistration, { params: { registrationId } });
      const late = await claim(vendor, registrationId, { month: nextMonth });
      assert.equal(late.reason?.code, 'fee-not-registered');
      await assert.rejects(claim(other, registrationId, { month }), withCode('not-found'));
      await assert.rejects(
        claim(other, registrationId, { month: nextMonth, claimId: late.claimId }),
        withCode('idempotency-conflict'),
      );
    });
  });

  test('the books balance and say so to the operator', async () => {
    const { accounts, defects } = await operator.call(readBooks);
    assert.deepEqual(defects, []);
    for (const commodity of new Set(accounts.map((account) => account.commodity))) {
      const of = accounts.filter((account) => account.commodity === commodity);
      const total = of.reduce((sum, { debit, credit }) => sum + BigInt(debit) - BigInt(credit), 0n);
      assert.equal(total, 0n, commodity);
    }
    assert.ok(accounts.some(({ account }) => account === 'revenue:compute'));
  });
});

function withCode(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof RemoteError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };
}
