/** A claim's tax, once for each rate, and its rounding to whole coins: in both books, in the statements, and paid to the coin. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkUbl } from '@taika/documents/check-ubl';
import { readReconciliation, reconcileNow } from '@taika/protocol/books';
import {
  listClaimDocuments,
  payVendor,
  readClaimDocumentFile,
  settleDispute,
} from '@taika/protocol/dispatch/claim-documents';
import { readBooks } from '@taika/protocol/dispatch/money';
import { setLicenseFee } from '@taika/protocol/dispatch/parties';
import type { Id, VendorId } from '@taika/protocol/schema';
import {
  disputeEvent,
  listReceivedClaims,
  readReceivedClaimFile,
  recordContractorPayment,
} from '@taika/protocol/vendor/claim-documents';
import { readVendorBooks } from '@taika/protocol/vendor/services';
import { findAllDefects } from '../programs/dispatch/src/books/find-defects.ts';
import { prepareDueClaimDocumentsStep } from '../programs/dispatch/src/claim-documents/prepare-claim-document.ts';
import { newId } from '../programs/dispatch/test/support/parties.ts';
import { answerClaimsStep } from '../programs/vendor/src/claim-documents/answer-claims.ts';
import { startTwoCompanies, type TwoCompanies } from './two-companies.ts';

const dayMs = 86_400_000;

describe('totals of claims', () => {
  let companies: TwoCompanies;
  let vendorId: VendorId;
  before(async () => {
    companies = await startTwoCompanies();
    vendorId = companies.vendor.identity.vendorId as VendorId;
    await companies.contractorOperator.call(setLicenseFee, {
      params: { vendorId, product: 'editor' },
      body: {
        licenseFee: {
          kind: 'per-registration',
          fee: { currency: 'JPY', amountMilli: '120300' },
          taxBasisPoints: 1000,
        },
      },
    });
  });
  after(() => companies?.[Symbol.asyncDispose]());

  const answer = () => answerClaimsStep(companies.vendor.context);
  const balances = async () => {
    const [theirs, ours] = [
      await companies.contractorOperator.call(readBooks),
      await companies.vendorOperator.call(readVendorBooks),
    ];
    assert.deepEqual([theirs.defects, ours.defects], [[], []]);
    assert.deepEqual(await findAllDefects(companies.dispatch.server.context.sql), []);
    const sum = (accounts: typeof ours.accounts, name: RegExp) =>
      Number(
        accounts
          .filter(({ account }) => name.test(account))
          .reduce((total, { debit, credit }) => total + BigInt(debit) - BigInt(credit), 0n),
      ) / 1000;
    return {
      payable: 0 - sum(theirs.accounts, /^payable:vendor:/),
      receivable: sum(ours.accounts, /^receivable:contractor$/),
      taxIn: sum(theirs.accounts, /^tax:in$/),
      taxOut: 0 - sum(ours.accounts, /^tax:out$/),
      rounding: [sum(theirs.accounts, /^rounding$/), sum(ours.accounts, /^rounding$/)],
    };
  };

  test('each fee is booked exactly, and the claim’s total has the tax once and whole coins', async () => {
    const events = [await companies.earnFee(), await companies.earnFee(), await companies.earnFee()];
    companies.clock.forward(dayMs);
    await companies.vendorOperator.call(reconcileNow);
    companies.clock.forward(31 * dayMs);
    await prepareDueClaimDocumentsStep(companies.dispatch.server.context);
    const [document] = (await companies.contractorOperator.call(listClaimDocuments, { query: {} })).items;
    assert.ok(document);
    // Three times 120.3 is 360.9, so 361 and a tax of 36.1, so 36.
    assert.deepEqual(
      [document.net, document.tax, document.total].map(({ amountMilli }) => Number(amountMilli) / 1000),
      [361, 36, 397],
    );
    const file = await companies.contractorOperator.open(readClaimDocumentFile, {
      params: { documentId: document.documentId, format: 'xml' },
    });
    assert.deepEqual(checkUbl(await file.text()), []);

    const [disputed = ''] = events;
    await companies.vendorOperator.call(disputeEvent, {
      params: { event: disputed },
      body: { reason: 'A test account.' },
    });
    companies.clock.forward(dayMs);
    await answer();
    await answer();
    // Two confirmed: 240.6, so 241 and a tax of 24; the third waits at 120.3.
    assert.deepEqual(await balances(), {
      payable: 265 + 120.3,
      receivable: 265 + 120.3,
      taxIn: 24,
      taxOut: 24,
      rounding: [0.4, -0.4],
    });
    await companies.contractorOperator.call(settleDispute, {
      params: { documentId: document.documentId },
      body: { event: disputed, outcome: 'confirmed', reason: 'As agreed.' },
    });
    await answer();
    assert.deepEqual(await balances(), {
      payable: 397,
      receivable: 397,
      taxIn: 36,
      taxOut: 36,
      rounding: [0.1, -0.1],
    });
  });

  test('the statements of both tell tax and rounding alike', async () => {
    companies.clock.forward(dayMs);
    for (const found of [
      await companies.vendorOperator.call(reconcileNow),
      await companies.contractorOperator.call(readReconciliation, { query: {} }),
    ]) {
      // Three fees, and two answers that changed the total.
      assert.deepEqual([found.matched, found.differences], [5, []]);
    }
  });

  test('what the document says can be paid, to the coin, and nothing is left', async () => {
    const params = { paymentId: newId<Id<'payment'>>() };
    const body = { amount: { currency: 'JPY', amountMilli: '397000' }, reference: 'bank' };
    await companies.contractorOperator.call(payVendor, { params, body: { ...body, vendorId } });
    await companies.vendorOperator.call(recordContractorPayment, { params, body });
    const { payable, receivable } = await balances();
    assert.deepEqual([payable, receivable], [0, 0]);
  });

  test('a fee that is dropped after a dispute carries no tax', async () => {
    const event = await companies.earnFee();
    companies.clock.forward(32 * dayMs);
    await prepareDueClaimDocumentsStep(companies.dispatch.server.context);
    await companies.vendorOperator.call(disputeEvent, { params: { event }, body: { reason: 'A test.' } });
    await answer();
    const [document] = (await companies.contractorOperator.call(listClaimDocuments, { query: {} })).items;
    await companies.contractorOperator.call(settleDispute, {
      params: { documentId: document!.documentId },
      body: { event, outcome: 'cancelled', reason: 'As agreed.' },
    });
    await answer();
    const { payable, receivable, taxIn, taxOut } = await balances();
    assert.deepEqual([payable, receivable, taxIn, taxOut], [0, 0, 36, 36]);
  });

  test('a cancelled line is taken off its claim by a document, and what is left is what is paid', async () => {
    const events = [await companies.earnFee(), await companies.earnFee(), await companies.earnFee()];
    companies.clock.forward(32 * dayMs);
    await prepareDueClaimDocumentsStep(companies.dispatch.server.context);
    const cancelled = events.slice(1);
    for (const event of cancelled) {
      await companies.vendorOperator.call(disputeEvent, { params: { event }, body: { reason: 'A test.' } });
    }
    companies.clock.forward(dayMs);
    await answer();
    const newest = async () =>
      (await companies.contractorOperator.call(listClaimDocuments, { query: { limit: '1' } })).items[0]!;
    const { documentId, number, due } = await newest();
    assert.equal(due?.amountMilli, '397000');
    const settle = (event: string) =>
      companies.contractorOperator.call(settleDispute, {
        params: { documentId },
        body: { event, outcome: 'cancelled', reason: 'As agreed.' },
      });
    for (const event of [...cancelled, ...cancelled]) {
      await settle(event);
    }
    await answer();

    // 397 for three; 241 and 24 for two; 120 and 12 for one.
    const claim = await newest();
    const yen = ({ amountMilli }: { amountMilli: string }) => Number(amountMilli) / 1000;
    const year = companies.clock.now().getUTCFullYear();
    const corrections = claim.corrections?.map((each) => [
      each.event,
      yen(each.net),
      yen(each.tax),
      yen(each.total),
    ]);
    assert.deepEqual(corrections, [
      [cancelled[0], 120, 12, 132],
      [cancelled[1], 121, 12, 133],
    ]);
    const ofYear = claim.corrections?.map((each) => each.number) ?? [];
    assert.match(ofYear[0] ?? '', new RegExp(`^SCN-${year}-00000\\d$`));
    assert.equal(Number(ofYear[1]?.slice(-6)), Number(ofYear[0]?.slice(-6)) + 1);
    assert.deepEqual([yen(claim.total), yen(claim.due!)], [397, 132]);
    const { payable, receivable } = await balances();
    assert.deepEqual([payable, receivable], [132, 132]);

    const [first] = claim.corrections ?? [];
    for (const format of ['pdf', 'xml', 'csv', 'json'] as const) {
      const params = { documentId: first!.documentId, format };
      const files = [
        await companies.contractorOperator.open(readClaimDocumentFile, { params }),
        await companies.vendorOperator.open(readReceivedClaimFile, { params }),
      ];
      const [text = '', atVendor] = await Promise.all(files.map((file) => file.text()));
      if (format === 'pdf') {
        assert.ok(text.startsWith('%PDF'));
        continue;
      }
      assert.equal(atVendor, text);
      assert.ok(text.includes(first!.number) && text.includes(number) && text.includes(cancelled[0]!), text);
      if (format === 'xml') {
        assert.deepEqual(checkUbl(text), []);
        assert.match(text, /<cbc:CreditNoteTypeCode>261</);
      }
    }
    const found = await companies.vendorOperator.call(listReceivedClaims, {
      query: { number: first!.number },
    });
    assert.deepEqual(
      found.items.map((each) => each.number),
      [number],
    );

    const params = { paymentId: newId<Id<'payment'>>() };
    const body = { amount: claim.due!, reference: 'the rest' };
    await companies.contractorOperator.call(payVendor, { params, body: { ...body, vendorId } });
    await companies.vendorOperator.call(recordContractorPayment, { params, body });
    const after = await balances();
    assert.deepEqual([after.payable, after.receivable], [0, 0]);
    companies.clock.forward(2 * dayMs);
    assert.deepEqual((await companies.vendorOperator.call(reconcileNow)).differences, []);
    assert.deepEqual(
      (await companies.contractorOperator.call(readReconciliation, { query: {} })).differences,
      [],
    );
  });

  test('another vendor cannot read a correction', async () => {
    const { items } = await companies.contractorOperator.call(listClaimDocuments, { query: {} });
    const [correction] = items.flatMap(({ corrections = [] }) => corrections);
    const other = await companies.operatorOf(await companies.startVendor('Painter Inc'));
    const params = { documentId: correction!.documentId, format: 'json' as const };
    await assert.rejects(other.open(readReceivedClaimFile, { params }), /not-found|no such|nothing/i);
  });
});
