import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Caller, RemoteError } from '@taika/http/call';
import {
  claimLicenseFee,
  listClaims,
  listInvoices,
  readBooks,
  readInvoice,
  readInvoiceFile,
} from '@taika/protocol/dispatch/money';
import { readRates, setRates } from '@taika/protocol/dispatch/parties';
import { endRegistration } from '@taika/protocol/dispatch/registrations';
import type { ClaimId, InvoiceId, RegistrationId } from '@taika/protocol/schema';
import { pricedLevels } from '@taika/protocol/trust-prices';
import { findAllDefects } from '../src/books/find-defects.ts';
import { journalPointsStep } from '../src/rewards/journal-points.ts';
import { repeatable } from './support/grid.ts';
import {
  bearer,
  enrolCustomer,
  enrolVendor,
  newId,
  registerTerminal,
  type TestTerminal,
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
        level: 'plain',
        factorThousandths: 1000,
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

  test('each trust level has the price of its card, and its documents say how', async () => {
    const { version, ...card } = await operator.call(readRates);
    const levelFactors = { plain: 900, economy: 950, standard: 1_100, high: 1_300, strict: 1_900 };
    const params = { version: String(version + 1) };
    const body = { ...card, price: { currency: 'JPY', amountMilli: '1000' }, levelFactors };
    assert.deepEqual((await operator.call(setRates, { params, body })).levelFactors, levelFactors);
    const even = { ...body };
    await assert.rejects(
      operator.call(setRates, { params, body: { ...body, levelFactors: { ...levelFactors, high: 1_301 } } }),
      withCode('idempotency-conflict'),
    );
    delete (even as { levelFactors?: unknown }).levelFactors;
    await operator.call(setRates, { params: { version: String(version + 2) }, body: even });
    assert.equal((await operator.call(readRates)).levelFactors, undefined);

    const jobs = [
      { trust: {}, factor: 900, net: 900 },
      { trust: { trust: 'economy' }, factor: 950, net: 950 },
      { trust: { trust: 'standard' }, factor: 1_100, net: 1_100 },
      { trust: { trust: 'high' }, factor: 1_300, net: 1_300 },
      { trust: { trust: 'strict' }, factor: 1_900, net: 1_900 },
      { trust: { copies: 2 }, factor: 1_800, net: 1_800 },
      // Under a card without factors all cost the same.
      { trust: { trust: 'strict' }, factor: 1_000, net: 1_000, rateVersion: version + 2 },
    ] as const;
    for (const { factor, net, ...job } of jobs) {
      const { customerId, caller } = await enrolCustomer(dispatch.url, operator, 'Level');
      const rateVersion = 'rateVersion' in job ? job.rateVersion : version + 1;
      await writeJob(sql(), { customerId, fuel: 10n ** 12n, rateVersion, trust: job.trust });
      await invoiceAll();
      const [invoice] = (await caller.call(listInvoices, { query: {} })).items;
      const [line] = invoice?.lines ?? [];
      const level = 'copies' in job.trust ? 'copies' : 'trust' in job.trust ? job.trust.trust : 'plain';
      assert.deepEqual([line?.level, line?.factorThousandths], [level, factor]);
      assert.equal(invoice?.net.amountMilli, `${net}000`, level);
      const says = {
        json: `"value": "${level}"`,
        csv: `level=${level}; factor=${(factor / 1000).toFixed(3)}`,
      } as const;
      for (const format of ['json', 'csv'] as const) {
        const params = { invoiceId: invoice!.invoiceId, format };
        const text: string = await (await caller.open(readInvoiceFile, { params })).text();
        assert.ok(text.includes(says[format]), `${format}: ${text}`);
      }
    }
    await noDefects();
  });

  test('whatever a job took and may cost, its invoice is what the formula says, within its hold', async () => {
    const { version, price, perFuel, levelFactors, taxBasisPoints } = await operator.call(readRates, {});
    assert.equal(levelFactors, undefined);
    const random = repeatable(process.env.SEED ?? 'level prices');
    const customer = await enrolCustomer(dispatch.url, operator, 'Random');
    const params = { version: String(version + 1) };
    const { version: _, ...card } = await operator.call(readRates);
    const factors = { plain: 1_000, economy: 1_050, standard: 1_100, high: 1_250, strict: 2_000 };
    await operator.call(setRates, { params, body: { ...card, levelFactors: factors } });
    const wanted = new Map<string, { total: bigint; maxPriceMilli: bigint }>();
    for (let nth = 0; nth < 60; nth++) {
      const level = pricedLevels[nth % pricedLevels.length] ?? 'plain';
      const fuel = BigInt(Math.floor(random.fraction() * 2 ** 44));
      const maxPriceMilli = 1_000n + BigInt(Math.floor(random.fraction() * 40_000_000));
      const trust = level === 'plain' ? {} : { trust: level };
      const { jobId } = await writeJob(sql(), {
        customerId: customer.customerId,
        fuel,
        rateVersion: version + 1,
        trust,
        maxPriceMilli,
      });
      const amount = halfUp(
        fuel * BigInt(price.amountMilli) * BigInt(factors[level]),
        BigInt(perFuel) * 1_000n,
      );
      const net = halfUp(amount, 1_000n) * 1_000n;
      const tax = halfUp(net * BigInt(taxBasisPoints), 10_000n * 1_000n) * 1_000n;
      wanted.set(jobId, { total: net + tax, maxPriceMilli });
    }
    await invoiceAll();
    let beyond = 0;
    for (const invoice of (await customer.caller.call(listInvoices, { query: { limit: '100' } })).items) {
      const { total, maxPriceMilli } = wanted.get(invoice.lines[0]?.jobId ?? '') ?? assert.fail();
      const charged = BigInt(invoice.total.amountMilli);
      assert.ok(charged <= maxPriceMilli);
      if (total <= maxPriceMilli) {
        assert.equal(charged, total);
      } else {
        beyond += 1;
        assert.ok(invoice.lines[0]?.beyondLimit);
      }
    }
    assert.ok(beyond > 5 && beyond < 55, `${beyond} of 60 would have cost more than they may.`);
    await noDefects();
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
    const end = ({ caller }: TestVendor, registrationId: RegistrationId) =>
      caller.call(endRegistration, { params: { registrationId } });
    const anew = async (vendor: TestVendor, known: TestTerminal, product = 'editor') => {
      const { keyPair, pseudonym } = known;
      return (await registerTerminal(vendor, { keyPair, pseudonym, product })).registrationId;
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

    test('a terminal’s month is paid once for a product, however often it is registered anew', async () => {
      const vendor = await enrolVendor(dispatch.url, operator);
      const first = await registerTerminal(vendor);
      const registrations = [first.registrationId];
      for (let more = 0; more < 4; more++) {
        await work(first.terminalId);
        await end(vendor, registrations.at(-1)!);
        registrations.push(await anew(vendor, first));
      }
      const last = registrations.pop()!;
      const before = await claim(vendor, last, { month });
      assert.equal(before.reason?.code, 'fee-without-work');
      await work(first.terminalId);
      const claims = await Promise.all(
        [...registrations, last].map((registrationId) => claim(vendor, registrationId, { month })),
      );
      assert.equal(claims.filter(({ state }) => state === 'accrued').length, 1);
      assert.equal(claims.filter(({ reason }) => reason?.code === 'fee-claimed-before').length, 4);
      await noDefects();
    });

    test('a registration rests on no work from before it or after it, summed up by then or not', async () => {
      const { context } = dispatch.server;
      for (const sumUp of [() => Promise.resolve(), () => journalPointsStep(context)]) {
        const vendor = await enrolVendor(dispatch.url, operator);
        const first = await registerTerminal(vendor);
        await end(vendor, first.registrationId);
        await work(first.terminalId);
        await sumUp();
        const second = await anew(vendor, first);
        await sumUp();
        for (const registrationId of [first.registrationId, second]) {
          const { reason } = await claim(vendor, registrationId, { month });
          assert.equal(reason?.code, 'fee-without-work');
        }
        await work(first.terminalId);
        await sumUp();
        const due = await claim(vendor, second, { month });
        assert.equal(due.state, 'accrued');
      }
      await noDefects();
    });

    test('each vendor and each product is paid for a terminal’s month', async () => {
      const vendor = await enrolVendor(dispatch.url, operator);
      const other = await enrolVendor(dispatch.url, operator);
      const first = await registerTerminal(vendor);
      const elsewhere = await registerTerminal(other, { keyPair: first.keyPair });
      const second = await anew(vendor, first, 'player');
      await work(first.terminalId);
      const states = [
        await claim(vendor, first.registrationId, { month }),
        await claim(other, elsewhere.registrationId, { month }),
        await claim(vendor, second, { month }),
      ].map(({ state }) => state);
      assert.deepEqual(states, ['accrued', 'accrued', 'accrued']);
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

function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
