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
import { disputeEvent, recordContractorPayment } from '@taika/protocol/vendor/claim-documents';
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
});
