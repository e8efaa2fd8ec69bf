/** An order is refunded between two real companies: points, both books, statements, the next claim and its payment follow. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkUbl } from '@taika/documents/check-ubl';
import type { Caller } from '@taika/http/call';
import { readReconciliation, reconcileNow } from '@taika/protocol/books';
import {
  listClaimDocuments,
  payVendor,
  readClaimDocumentFile,
} from '@taika/protocol/dispatch/claim-documents';
import { readBooks, readMemberPoints } from '@taika/protocol/dispatch/money';
import { profileFileName } from '@taika/protocol/profile';
import type { Id, OrderId, Pseudonym, RefundId, VendorId } from '@taika/protocol/schema';
import { putProduct } from '@taika/protocol/vendor/catalogue';
import { recordContractorPayment } from '@taika/protocol/vendor/claim-documents';
import {
  addServiceKey,
  confirmOrder,
  listMemberOrders,
  type OrderRefundText,
  openServiceSession,
  placeOrder,
  readVendorBooks,
  refundOrder,
} from '@taika/protocol/vendor/services';
import { findAllDefects } from '../programs/dispatch/src/books/find-defects.ts';
import { prepareDueClaimDocumentsStep } from '../programs/dispatch/src/claim-documents/prepare-claim-document.ts';
import { bearer, enrolCustomer, newId } from '../programs/dispatch/test/support/parties.ts';
import { writeEntry, writeJob } from '../programs/dispatch/test/support/work.ts';
import { answerClaimsStep } from '../programs/vendor/src/claim-documents/answer-claims.ts';
import { registrationsStep } from '../programs/vendor/src/registrations/confirm-registration.ts';
import { createTerminal, type TestTerminal } from '../programs/vendor/test/fixture.ts';
import { assertRefused, jsonOf, succeeded, taika } from './run-program.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { startTwoCompanies, type TwoCompanies } from './two-companies.ts';

const dayMs = 86_400_000;
const fuelOfPoint = 2_000_000_000n;
const yen = (coins: number) => ({ currency: 'JPY', amountMilli: String(coins * 1000) });

describe('refunds between two companies', () => {
  let companies: TwoCompanies;
  let shop: Caller;
  let terminal: TestTerminal;
  let pseudonym: Pseudonym;
  let licenseKey: string;
  before(async () => {
    companies = await startTwoCompanies();
    const { vendor, vendorOperator, clock, dispatch, contractorOperator } = companies;
    await vendorOperator.call(putProduct, {
      params: { product: 'shop' },
      body: {
        kind: 'service',
        title: 'shop',
        description: 'A shop.',
        cashPrice: { price: yen(0), per: 'month' },
        policy: { windowDays: 30, pointsMilliMin: '0', devicesMax: 2 },
      },
    });
    const { key } = await vendorOperator.call(addServiceKey, { params: { product: 'shop' } });
    shop = bearer(vendor.url, key);
    terminal = await createTerminal({ vendor, clock });
    const { registrationId } = await terminal.register('shop');
    await registrationsStep(vendor.context);
    ({ licenseKey = '' } = await terminal.register('shop', { registrationId }));
    const { sql } = dispatch.server.context;
    const [row] = await sql<{ terminalId: string; pseudonym: Pseudonym }[]>`
      select t.id as terminal_id, r.pseudonym
      from registration r
      join terminal t on t.number = r.terminal_number
      where r.id = ${registrationId}
    `;
    ({ pseudonym } = row!);
    const { customerId } = await enrolCustomer(dispatch.url, contractorOperator);
    const { jobNumber } = await writeJob(sql, { customerId, fuel: 0n, state: 'running' });
    const { terminalId } = row!;
    await writeEntry(sql, { terminalId, jobNumber, fuel: 1_500n * fuelOfPoint, at: clock.now() });
  });
  after(() => companies?.[Symbol.asyncDispose]());

  const available = async () => {
    const points = await companies.vendor.context.dispatch.call(readMemberPoints, { params: { pseudonym } });
    return Number(points.availableMilli) / 1000;
  };
  const buy = async (price: number, points: number): Promise<OrderId> => {
    const { session } = await shop.call(openServiceSession, { body: { licenseKey } });
    const orderId = newId<OrderId>();
    const lines = [{ description: 'tea', quantity: 1, unitPrice: yen(price) }];
    const body = { session, lines, points: `${points}000` };
    const placed = await shop.call(placeOrder, { params: { orderId }, body });
    const confirmation = await terminal.confirmation({
      order: orderId,
      pointsMilli: placed.pointsMilli,
      priceMilli: placed.price.amountMilli,
      currency: 'JPY',
    });
    await terminal.caller.call(confirmOrder, { params: { orderId }, body: { confirmation } });
    return orderId;
  };
  const refund = (orderId: OrderId, coins?: number) =>
    companies.vendorOperator.call(refundOrder, {
      params: { orderId, refundId: newId<RefundId>() },
      body: coins === undefined ? {} : { amount: yen(coins) },
    });
  /** What each book says that the contractor owes, whole yen; and neither has a defect. */
  const owed = async () => {
    const [theirs, ours] = [
      await companies.contractorOperator.call(readBooks),
      await companies.vendorOperator.call(readVendorBooks),
    ];
    assert.deepEqual([theirs.defects, ours.defects], [[], []]);
    assert.deepEqual(await findAllDefects(companies.dispatch.server.context.sql), []);
    const sum = (accounts: typeof ours.accounts, name: RegExp) =>
      accounts
        .filter(({ account }) => name.test(account))
        .reduce((total, { debit, credit }) => total + BigInt(debit) - BigInt(credit), 0n);
    const contractor = -sum(theirs.accounts, /^(payable|receivable):vendor:/);
    const vendor = sum(ours.accounts, /^receivable:contractor$/);
    return { contractor: Number(contractor) / 1000, vendor: Number(vendor) / 1000 };
  };
  const evenAt = async (coins: number) =>
    assert.deepEqual(await owed(), { contractor: coins, vendor: coins });
  const nextMonth = async () => {
    companies.clock.forward(dayMs);
    await companies.vendorOperator.call(reconcileNow);
    companies.clock.forward(32 * dayMs);
    await companies.vendorOperator.call(reconcileNow);
    while ((await prepareDueClaimDocumentsStep(companies.dispatch.server.context)) === 'again');
    companies.clock.forward(2 * dayMs);
    await answerClaimsStep(companies.vendor.context);
    const [document] = (await companies.contractorOperator.call(listClaimDocuments, { query: {} })).items;
    return document!;
  };

  test('the vendor’s command gives a part back: the member has the points, both books agree', async () => {
    await using folder = await temporaryFolder('refunds');
    const { vendor } = companies;
    const profile = { vendorUrl: vendor.url, vendorOperatorKeyFile: vendor.operatorKeyFile };
    await writeFile(join(folder.path, profileFileName), JSON.stringify(profile));
    const refundBy = (...words: readonly string[]) =>
      taika(['vendor', 'refund', ...words], { environment: { TAIKA_HOME: folder.path } });

    const orderId = await buy(600, 400);
    assert.equal(await available(), 1_100);
    await evenAt(400);
    const said = succeeded(await refundBy(orderId, '--amount', '300 JPY'));
    assert.match(said, /Refunded 300 JPY: 200 points and 100 JPY in money/);
    assert.equal(await available(), 1_300);
    await evenAt(200);
    const id = newId();
    const first = jsonOf<OrderRefundText>(await refundBy(orderId, '--id', id, '--json'));
    assert.deepEqual([first.state, first.pointsMilli, first.money.amountMilli], ['done', '200000', '100000']);
    assert.deepEqual(jsonOf<OrderRefundText>(await refundBy(orderId, '--id', id, '--json')), first);
    assertRefused(await refundBy(orderId), { code: 2, says: /All of this order’s price was refunded/ });
    assert.equal(await available(), 1_500);
    await evenAt(0);
    const [order] = (await terminal.caller.call(listMemberOrders)).items;
    assert.equal(order?.refunded?.pointsMilli, '400000');
  });

  test('the next claim takes refunds off, keeps the rules of XML, and is paid without them', async () => {
    const orderId = await buy(500, 500);
    await refund(orderId, 200);
    const document = await nextMonth();
    assert.deepEqual(
      document.lines.map(({ kind, amount, state }) => [kind, Number(amount.amountMilli) / 1000, state]),
      [
        ['discount', 400, 'confirmed'],
        ['refund', -200, 'confirmed'],
        ['refund', -200, 'confirmed'],
        ['discount', 500, 'confirmed'],
        ['refund', -200, 'confirmed'],
      ],
    );
    assert.equal(document.total.amountMilli, '300000');
    const { documentId } = document;
    const file = await companies.contractorOperator.open(readClaimDocumentFile, {
      params: { documentId, format: 'xml' },
    });
    assert.deepEqual(checkUbl(await file.text()), []);
    for (const found of [
      await companies.vendorOperator.call(reconcileNow),
      await companies.contractorOperator.call(readReconciliation, { query: {} }),
    ]) {
      assert.deepEqual([found.matched, found.differences], [5, []]);
    }
    await evenAt(300);
    await pay(300);
    await evenAt(0);
  });

  test('a refund of what was paid already is taken off the next claims, which are never below zero', async () => {
    const orderId = await buy(500, 500);
    await nextMonth();
    await pay(500);
    await refund(orderId);
    await evenAt(-500);
    await assert.rejects(pay(1), /more than what is invoiced/);
    await buy(300, 300);
    // More than this claim is worth: it waits.
    assert.equal((await nextMonth()).total.amountMilli, '300000');
    await evenAt(-200);
    await buy(600, 600);
    const document = await nextMonth();
    assert.deepEqual(
      document.lines.map(({ kind, amount }) => [kind, Number(amount.amountMilli) / 1000]),
      [
        ['refund', -500],
        ['discount', 600],
      ],
    );
    await evenAt(400);
    await assert.rejects(pay(401), /more than what is invoiced/);
    await pay(400);
    await evenAt(0);
  });

  async function pay(coins: number): Promise<void> {
    const { contractorOperator, vendorOperator, vendor } = companies;
    const params = { paymentId: newId<Id<'payment'>>() };
    const body = { amount: yen(coins), reference: 'bank' };
    const vendorId = vendor.identity.vendorId as VendorId;
    await contractorOperator.call(payVendor, { params, body: { ...body, vendorId } });
    await vendorOperator.call(recordContractorPayment, { params, body });
  }
});
