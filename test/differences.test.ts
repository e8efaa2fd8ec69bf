/** What two companies never come to tell alike: it is seen, let stand with a reason, and hinders nobody for ever. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { signStatement } from '@taika/books/statements/signed-statement';
import { acceptDifferences, closeMonth, reconcileNow, verifyBooks } from '@taika/protocol/books';
import { payVendor } from '@taika/protocol/dispatch/claim-documents';
import { exchangeStatement } from '@taika/protocol/dispatch/statements';
import type { PaymentId, VendorId } from '@taika/protocol/schema';
import { recordContractorPayment } from '@taika/protocol/vendor/claim-documents';
import { prepareDueClaimDocumentsStep } from '../programs/dispatch/src/claim-documents/prepare-claim-document.ts';
import { newId, refusalOf } from '../programs/dispatch/test/support/parties.ts';
import { answerClaimsStep } from '../programs/vendor/src/claim-documents/answer-claims.ts';
import { startTwoCompanies, type TwoCompanies } from './two-companies.ts';

const dayMs = 86_400_000;
let companies: TwoCompanies;
before(async () => {
  companies = await startTwoCompanies();
});
after(() => companies?.[Symbol.asyncDispose]());

const both = async () => ({
  ofVendor: await companies.vendorOperator.call(reconcileNow),
  ofContractor: await companies.contractorOperator.call(reconcileNow),
});

test('a payment that was booked under two references is let stand at both companies, and both close their month', async () => {
  const { clock, vendor, dispatch, contractorOperator, vendorOperator } = companies;
  await companies.earnFee();
  clock.forward(dayMs);
  await both();
  clock.forward(32 * dayMs);
  await both();
  await prepareDueClaimDocumentsStep(dispatch.server.context);
  clock.forward(2 * dayMs);
  await answerClaimsStep(vendor.context);
  const amount = { currency: 'JPY', amountMilli: '120000' };
  const { vendorId } = vendor.identity;
  await contractorOperator.call(payVendor, {
    params: { paymentId: newId<PaymentId>() },
    body: { vendorId: vendorId as VendorId, amount, reference: 'TX 1001' },
  });
  await vendorOperator.call(recordContractorPayment, {
    params: { paymentId: newId<PaymentId>() },
    body: { amount, reference: 'TX1001' },
  });
  clock.forward(40 * dayMs);
  const { ofVendor, ofContractor } = await both();
  assert.deepEqual([ofVendor.alerts.length, ofContractor.alerts.length], [2, 2]);
  const month = new Date(clock.now().getTime() - 31 * dayMs).toISOString().slice(0, 7);
  for (const operator of [contractorOperator, vendorOperator]) {
    const refused = await refusalOf(operator.call(closeMonth, { params: { month } }));
    assert.match(refused.detail ?? '', /taika books accept-difference/);
  }
  const reason = 'One payment under two references, TX 1001 and TX1001.';
  const [one] = ofContractor.differences.filter(({ isAlert }) => isAlert);
  assert.ok(one);
  const first = await contractorOperator.call(acceptDifferences, { body: { event: one.event, reason } });
  assert.deepEqual(
    first.accepted.map(({ event, acceptedFor, isAlert }) => [event, acceptedFor, isAlert]),
    [[one.event, reason, false]],
  );
  assert.equal((await both()).ofContractor.alerts.length, 1);
  await contractorOperator.call(acceptDifferences, { body: { counterparty: vendorId, reason } });
  await vendorOperator.call(acceptDifferences, { body: { counterparty: 'contractor', reason } });
  const later = await both();
  assert.deepEqual([later.ofVendor.alerts, later.ofContractor.alerts], [[], []]);
  assert.equal(later.ofContractor.differences.filter(({ acceptedFor }) => acceptedFor === reason).length, 2);
  for (const operator of [contractorOperator, vendorOperator]) {
    assert.equal((await operator.call(closeMonth, { params: { month } })).month, month);
  }
});

test('only a difference is let stand, and with another amount it is another one', async () => {
  const { contractorOperator } = companies;
  const accept = (body: { event?: string; counterparty?: string }) =>
    contractorOperator.call(acceptDifferences, { body: { ...body, reason: 'so' } });
  assert.equal((await refusalOf(accept({}))).code, 'bad-request');
  assert.equal((await refusalOf(accept({ event: 'order:none' }))).code, 'not-found');
  const { sql } = companies.dispatch.server.context;
  const [noted] = await sql<{ event: string }[]>`select event from ledger.difference_note limit 1`;
  assert.ok(noted);
  await assert.rejects(
    sql`update ledger.difference_note set reason = 'else' where event = ${noted.event}`,
    /append-only/,
  );
});

test('an event that a vendor made up, and a head that it never was given, are its word alone', async () => {
  const { clock, vendor, contractorOperator } = companies;
  const { vendorId, key } = vendor.identity;
  const day = '2020-01-01';
  const body = {
    issuer: vendorId,
    counterparty: 'contractor',
    day,
    part: 1,
    parts: 1,
    party: { name: 'Editor Inc' },
    lines: [{ event: 'order:made-up', on: day, description: 'x', currency: 'JPY', amount: '1000000' }],
    head: { position: '0', hash: '0'.repeat(64) },
    witness: { position: '1', hash: 'f'.repeat(64) },
  };
  const signed = await signStatement(body, { key: key.privateKey, now: clock.now() });
  await vendor.context.dispatch.call(exchangeStatement, { params: { day, part: '1' }, body: signed });
  const verdict = await contractorOperator.call(verifyBooks);
  assert.equal(verdict.verdict, 'intact');
  assert.deepEqual(verdict.disputed, [{ counterparty: vendorId, day, position: '1' }]);
  const { alerts } = (await both()).ofContractor;
  assert.ok(alerts.some((alert) => alert.startsWith('order:made-up')));
  await contractorOperator.call(acceptDifferences, {
    body: { event: 'order:made-up', reason: 'There was no such order.' },
  });
  assert.deepEqual((await both()).ofContractor.alerts, []);
});
