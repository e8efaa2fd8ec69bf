/** What a vendor is owed becomes a document that it confirms or disputes line by line, and both books follow. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkUbl } from '@taika/documents/check-ubl';
import type { Caller } from '@taika/http/call';
import { readReconciliation, reconcileNow } from '@taika/protocol/books';
import {
  answerClaimDocument,
  type ClaimDocumentId,
  type ClaimDocumentText,
  listClaimDocuments,
  payVendor,
  prepareClaimDocument,
  readClaimDocument,
  settleDispute,
} from '@taika/protocol/dispatch/claim-documents';
import { readBooks } from '@taika/protocol/dispatch/money';
import { profileFileName } from '@taika/protocol/profile';
import type { Id, VendorId } from '@taika/protocol/schema';
import {
  disputeEvent,
  listReceivedClaims,
  readReceivedClaimFile,
  recordContractorPayment,
} from '@taika/protocol/vendor/claim-documents';
import { readVendorBooks } from '@taika/protocol/vendor/services';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import { prepareDueClaimDocumentsStep } from '../programs/dispatch/src/claim-documents/prepare-claim-document.ts';
import { newId } from '../programs/dispatch/test/support/parties.ts';
import { answerClaimsStep } from '../programs/vendor/src/claim-documents/answer-claims.ts';
import { succeeded, taika } from './run-program.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { startTwoCompanies, type TwoCompanies } from './two-companies.ts';

const dayMs = 86_400_000;

describe('self-billed claims', () => {
  let companies: TwoCompanies;
  let events: string[];
  let document: ClaimDocumentText;
  before(async () => {
    companies = await startTwoCompanies();
    events = [await companies.earnFee(), await companies.earnFee(), await companies.earnFee()];
    companies.clock.forward(dayMs);
    await companies.vendorOperator.call(reconcileNow);
  });
  after(() => companies?.[Symbol.asyncDispose]());

  const answer = () => answerClaimsStep(companies.vendor.context);
  const read = () =>
    companies.contractorOperator.call(readClaimDocument, { params: { documentId: document.documentId } });
  const amounts = async () => {
    const [contractor, vendor] = [
      await companies.contractorOperator.call(readBooks),
      await companies.vendorOperator.call(readVendorBooks),
    ];
    assert.deepEqual([contractor.defects, vendor.defects], [[], []]);
    const part = (name: string) =>
      contractor.accounts
        .filter(({ account }) => account.startsWith('payable:vendor:') && account.endsWith(name))
        .reduce((sum, { credit, debit }) => sum + BigInt(credit) - BigInt(debit), 0n);
    const receivable = vendor.accounts.find(({ account }) => account === 'receivable:contractor');
    return {
      accrued: part(':accrued'),
      invoiced: part(':invoiced'),
      disputed: part(':disputed'),
      receivable: BigInt(receivable?.debit ?? 0n),
    };
  };

  test('a month that is over gives each vendor one document with every claim', async () => {
    const { contractorOperator, clock, dispatch } = companies;
    assert.equal(await prepareDueClaimDocumentsStep(dispatch.server.context), 'idle');
    clock.forward(31 * dayMs);
    assert.equal(await prepareDueClaimDocumentsStep(dispatch.server.context), 'again');
    assert.equal(await prepareDueClaimDocumentsStep(dispatch.server.context), 'idle');
    const { items } = await contractorOperator.call(listClaimDocuments, { query: {} });
    assert.equal(items.length, 1);
    document = items[0]!;
    assert.match(document.number, /^SBC-\d{4}-000001$/);
    assert.equal(document.state, 'open');
    assert.deepEqual(document.lines.map(({ event }) => event).sort(), events.toSorted());
    assert.equal(document.total.amountMilli, '360000');
    assert.deepEqual(await amounts(), {
      accrued: 360_000n,
      invoiced: 0n,
      disputed: 0n,
      receivable: 360_000n,
    });
  });

  test('it is XML that keeps the rules of type 389, in the vendor’s name, and is read at the vendor too', async () => {
    const { documentId } = document;
    const [received] = (await companies.vendorOperator.call(listReceivedClaims)).items;
    assert.deepEqual(received, document);
    const file = await companies.vendorOperator.open(readReceivedClaimFile, {
      params: { documentId, format: 'xml' },
    });
    const xml = await file.text();
    assert.deepEqual(checkUbl(xml), []);
    assert.match(xml, /<cbc:InvoiceTypeCode>389</);
    assert.match(
      xml,
      /AccountingSupplierParty>[\s\S]*T9876543210987[\s\S]*AccountingCustomerParty>[\s\S]*T1234567890123/,
    );
  });

  test('the vendor’s operator disputes a line at once; what agrees is confirmed after the time for looking', async () => {
    const [first = '', second = ''] = events;
    await companies.vendorOperator.call(disputeEvent, {
      params: { event: first },
      body: { reason: 'A test account.' },
    });
    const vendorSql = companies.vendor.context.sql;
    await vendorSql`update claim set amount_milli = 110000 where 'license-fee:' || registration_id = ${second}`;
    await answer();
    let lines = (await read()).lines;
    assert.deepEqual(
      lines.map(({ event, state, reason }) => [event, state, reason]),
      events.map((event) => [
        event,
        event === first ? 'disputed' : 'open',
        event === first ? 'A test account.' : undefined,
      ]),
    );
    companies.clock.forward(dayMs);
    await answer();
    await answer();
    ({ lines } = await read());
    assert.deepEqual(
      lines.map(({ state, reason }) => [state, reason]),
      [
        ['disputed', 'A test account.'],
        ['disputed', 'Our book has ¥110.'],
        ['confirmed', undefined],
      ],
    );
    await vendorSql`update claim set amount_milli = 120000 where 'license-fee:' || registration_id = ${second}`;
    assert.deepEqual(await amounts(), {
      accrued: 0n,
      invoiced: 120_000n,
      disputed: 240_000n,
      receivable: 360_000n,
    });
  });

  test('an answer is given once, for lines of the document, and by its vendor', async () => {
    const { documentId } = document;
    const [first = '', , third = ''] = events;
    const send = (caller: Caller, event: string, reason?: string) => {
      const one =
        reason === undefined
          ? ({ event, answer: 'confirmed' } as const)
          : ({ event, answer: 'disputed', reason } as const);
      return caller.call(answerClaimDocument, { params: { documentId }, body: { answers: [one] } }).then(
        () => 'taken',
        (error: { code: string }) => error.code,
      );
    };
    const vendor = companies.vendor.context.dispatch;
    assert.equal(await send(vendor, third), 'taken');
    assert.equal(await send(vendor, first, 'A test account.'), 'taken');
    assert.equal(await send(vendor, third, 'Now otherwise.'), 'conflict');
    assert.equal(await send(vendor, first), 'conflict');
    assert.equal(await send(vendor, 'order:unknown'), 'bad-request');
    const other = await companies.startVendor('Another');
    assert.equal(await send(other.context.dispatch, third), 'not-found');
    assert.deepEqual((await other.context.dispatch.call(listClaimDocuments, { query: {} })).items, []);
  });

  test('a dispute ends as agreed, once, and both books are even again', async () => {
    const { documentId } = document;
    const [first = '', second = '', third = ''] = events;
    const settle = (event: string, outcome: 'confirmed' | 'cancelled') =>
      companies.contractorOperator
        .call(settleDispute, { params: { documentId }, body: { event, outcome, reason: 'As agreed.' } })
        .then(
          ({ state }) => state,
          (error: { code: string }) => error.code,
        );
    assert.equal(await settle(third, 'cancelled'), 'wrong-state');
    assert.equal(await settle(second, 'confirmed'), 'disputed');
    assert.equal(await settle(first, 'cancelled'), 'settled');
    assert.equal(await settle(first, 'cancelled'), 'settled');
    assert.equal(await settle(first, 'confirmed'), 'wrong-state');
    await answer();
    await answer();
    assert.deepEqual(await amounts(), {
      accrued: 0n,
      invoiced: 240_000n,
      disputed: 0n,
      receivable: 240_000n,
    });
    companies.clock.forward(dayMs);
    for (const found of [
      await companies.vendorOperator.call(reconcileNow),
      await companies.contractorOperator.call(readReconciliation, { query: {} }),
    ]) {
      // Three fees, and the one that was taken back.
      assert.deepEqual([found.matched, found.differences], [4, []]);
    }
  });

  test('a payment is booked once in each book, and never beyond what is invoiced', async () => {
    const { contractorOperator, vendorOperator, vendor } = companies;
    const vendorId = vendor.identity.vendorId as VendorId;
    const yen = (amountMilli: string) => ({ currency: 'JPY', amountMilli });
    const params = { paymentId: newId<Id<'payment'>>() };
    const body = { vendorId, amount: yen('240000'), reference: 'bank 1' };
    const tooMuch = {
      params: { paymentId: newId<Id<'payment'>>() },
      body: { ...body, amount: yen('240001') },
    };
    await assert.rejects(contractorOperator.call(payVendor, tooMuch), /more than what is invoiced/);
    await contractorOperator.call(payVendor, { params, body });
    await contractorOperator.call(payVendor, { params, body });
    const other = { params, body: { ...body, amount: yen('1000') } };
    await assert.rejects(contractorOperator.call(payVendor, other), /another payment/);
    const received = { params, body: { amount: yen('240000'), reference: 'bank 1' } };
    const another = (amount: { readonly currency: string; readonly amountMilli: string }) =>
      vendorOperator.call(recordContractorPayment, {
        params: { paymentId: newId<Id<'payment'>>() },
        body: { amount, reference: 'bank 1' },
      });
    await assert.rejects(another(yen('240001')), /owes ¥240, less than this payment/);
    await assert.rejects(another({ currency: 'USD', amountMilli: '1000' }), /owes JPY, nothing in USD/);
    assert.equal((await vendorOperator.call(recordContractorPayment, received)).bookedBefore, false);
    assert.equal((await vendorOperator.call(recordContractorPayment, received)).bookedBefore, true);
    await assert.rejects(another(yen('1000')), /owes ¥0, less than this payment/);
    assert.deepEqual(await amounts(), { accrued: 0n, invoiced: 0n, disputed: 0n, receivable: 0n });
  });

  test('what one paid and the other received is matched; a payment that one has is a difference with its reason', async () => {
    const { contractorOperator, vendorOperator, clock, vendor } = companies;
    await companies.earnFee();
    clock.forward(dayMs);
    const found = async () => [
      await vendorOperator.call(reconcileNow),
      await contractorOperator.call(readReconciliation, { query: {} }),
    ];
    for (const { matched, differences } of await found()) {
      // Four as before, the payment, and the new fee.
      assert.deepEqual([matched, differences], [6, []]);
    }
    const paymentId = newId<Id<'payment'>>();
    const amount = { currency: 'JPY', amountMilli: '120000' };
    const body = { amount, reference: 'bank 2' };
    await vendorOperator.call(recordContractorPayment, { params: { paymentId }, body });
    clock.forward(dayMs);
    const [atVendor, atContractor] = await found();
    assert.deepEqual(
      [atVendor?.differences, atContractor?.differences].map((list) =>
        list?.map(({ event, state, ours, theirs }) => [event, state, ours ?? theirs]),
      ),
      [
        [[`payment:${paymentId}`, 'missing-theirs', '-120000']],
        [[`payment:${paymentId}`, 'missing-ours', '-120000']],
      ],
    );
    assert.match(
      atContractor?.differences[0]?.reason ?? '',
      /stated this payment.*same amount and reference/,
    );

    // What is not invoiced yet is not paid; once it is, the same payment is booked.
    const vendorId = vendor.identity.vendorId as VendorId;
    const pay = () =>
      contractorOperator.call(payVendor, { params: { paymentId }, body: { ...body, vendorId } });
    await assert.rejects(pay(), /Book it when the claims that it is for are confirmed/);
    const to = new Date(clock.now().getTime() - dayMs).toISOString().slice(0, 10);
    const documentId = uuidv7(clock.now(), systemRandom) as ClaimDocumentId;
    await contractorOperator.call(prepareClaimDocument, { params: { documentId }, body: { vendorId, to } });
    clock.forward(dayMs);
    await answer();
    assert.equal((await pay()).bookedBefore, false);
    assert.equal((await pay()).bookedBefore, true);
    clock.forward(dayMs);
    for (const { matched, differences } of await found()) {
      assert.deepEqual([matched, differences], [7, []]);
    }
  });

  test('operators do the same by command', async () => {
    await using folder = await temporaryFolder('claims');
    const { dispatch, vendor } = companies;
    const profile = {
      dispatchUrl: dispatch.url,
      operatorKeyFile: dispatch.server.operatorKeyFile,
      vendorUrl: vendor.url,
      vendorOperatorKeyFile: vendor.operatorKeyFile,
    };
    await writeFile(join(folder.path, profileFileName), JSON.stringify(profile));
    const books = (...words: readonly string[]) =>
      taika(['books', ...words], { environment: { TAIKA_HOME: folder.path }, directory: folder.path });
    const [first = ''] = events;
    assert.match(succeeded(await books('claims')), /SBC-\d{4}-000001 [\s\S]*settled/);
    const { number } = document;
    assert.match(
      succeeded(await books('claims', '--number', number, '--at', 'vendor')),
      /A test account. → As agreed./,
    );
    succeeded(await books('claims', '--number', number, '-o', 'claim.xml', '--at', 'vendor'));
    assert.deepEqual(checkUbl(await readFile(join(folder.path, 'claim.xml'), 'utf8')), []);
    const there = await books('settle', first, '--outcome', 'confirmed', '--reason', 'x');
    assert.equal(there.code, 2);
    assert.match(there.stderr, /is cancelled, not disputed/);
    assert.match((await books('dispute', first, '--reason', 'x')).stderr, /--at vendor/);
    assert.match(succeeded(await books('reconcile', '--at', 'vendor')), /7 events are told alike/);
    assert.match(succeeded(await books('statements')), /theirs/);

    const found = async (...words: string[]) => JSON.parse(succeeded(await books(...words, '--json'))).length;
    for (const at of ['dispatch', 'vendor']) {
      assert.equal(await found('claims', '--min', '360 JPY', '--max', '360 JPY', '--at', at), 1);
      assert.equal(await found('claims', '--min', '361 JPY', '--at', at), 0);
      assert.equal(await found('claims', '--to', '2020-12-31', '--at', at), 0);
      assert.ok((await found('statements', '--from', '2020-01-01', '--at', at)) > 0);
      assert.equal(await found('statements', '--to', '2020-12-31', '--at', at), 0);
      assert.equal(await found('statements', '--min', '1000000 JPY', '--at', at), 0);
    }
    const { vendorId } = vendor.identity;
    assert.equal(await found('claims', '--counterparty', vendorId), 2);
    assert.equal(await found('claims', '--counterparty', 'nobody'), 0);
    assert.match(
      (await books('claims', '--counterparty', 'x', '--at', 'vendor')).stderr,
      /leave --counterparty/,
    );
    const never = await books('prepare-claims', vendorId, '--to', '2026-02-31');
    assert.deepEqual([never.code, never.stderr.includes('no day of the calendar')], [2, true]);

    // The same payment by command is the same in both books, however often it is said.
    await companies.earnFee();
    const paid = ['paid', '120 JPY', '--reference', 'bank 3', '--at', 'vendor'];
    const booked = succeeded(await books(...paid));
    assert.match(booked, /^Booked: 120 JPY, bank 3 \([0-9a-f-]{36}\)/);
    assert.match(
      succeeded(await books(...paid)),
      /^Booked before, and not again: 120 JPY, bank 3[\s\S]*--id/,
    );
    const again = await books(...paid, '--id', newId());
    assert.match(again.stderr, /owes ¥0, less than this payment/);
  });

  test('what is unknown, confirmed or cancelled cannot be disputed, and the sentence says why', async () => {
    const [first = '', second = ''] = events;
    const dispute = (event: string) =>
      companies.vendorOperator.call(disputeEvent, { params: { event }, body: { reason: 'x' } });
    await assert.rejects(dispute('nonsense:event'), /Neither our book nor any claim .* has nonsense:event/);
    await assert.rejects(dispute(second), /was confirmed already and is invoiced/);
    await assert.rejects(dispute(first), /was cancelled: nothing is owed/);
    const noted = await companies.vendor.context.sql`select from dispute where reason = 'x'`;
    assert.equal(noted.length, 0);
    const early = await companies.earnFee();
    assert.equal((await dispute(early)).event, early, 'One that no claim has yet can be.');
    await companies.vendor.context.sql`delete from dispute where event = ${early}`;
  });

  test('a dispute of an old document that ends late is followed, however many came after it', async () => {
    const { contractorOperator, vendorOperator, clock, vendor } = companies;
    const vendorId = vendor.identity.vendorId as VendorId;
    const prepared: { readonly documentId: ClaimDocumentId; readonly event: string }[] = [];
    for (let index = 0; index < 25; index += 1) {
      const event = await companies.earnFee();
      const to = clock.now().toISOString().slice(0, 10);
      clock.forward(dayMs);
      const documentId = uuidv7(clock.now(), systemRandom) as ClaimDocumentId;
      await contractorOperator.call(prepareClaimDocument, { params: { documentId }, body: { vendorId, to } });
      prepared.push({ documentId, event });
      if (index === 0) {
        await vendorOperator.call(disputeEvent, { params: { event }, body: { reason: 'A test account.' } });
      }
    }
    clock.forward(dayMs);
    await answer();
    const { items } = await contractorOperator.call(listClaimDocuments, { query: { open: 'true' } });
    assert.deepEqual(items, [], 'All are answered in one run.');
    const [{ documentId, event } = { documentId: '' as ClaimDocumentId, event: '' }] = prepared;
    const before = await amounts();
    await contractorOperator.call(settleDispute, {
      params: { documentId },
      body: { event, outcome: 'cancelled', reason: 'As agreed.' },
    });
    await answer();
    await answer();
    const after = await amounts();
    assert.equal(before.receivable - after.receivable, 120_000n, 'The fee is given up here too, once.');
    // Only the vendor booked the payment by command, above.
    assert.equal(after.receivable + 120_000n, after.accrued + after.invoiced + after.disputed);
  });

  test('a document is prepared once for its id, and never for a day that is not over', async () => {
    const { contractorOperator, clock, vendor } = companies;
    await companies.earnFee();
    const to = clock.now().toISOString().slice(0, 10);
    const documentId = uuidv7(clock.now(), systemRandom) as ClaimDocumentId;
    const vendorId = vendor.identity.vendorId as VendorId;
    const prepare = (day: string) =>
      contractorOperator.call(prepareClaimDocument, { params: { documentId }, body: { vendorId, to: day } });
    await assert.rejects(prepare(to), /not over/);
    clock.forward(dayMs);
    const prepared = await prepare(to);
    assert.match(prepared.number, /^SBC-\d{4}-\d{6}$/);
    assert.deepEqual(await prepare(to), prepared);
    await assert.rejects(prepare('2020-01-01'), /another document/);
  });
});
