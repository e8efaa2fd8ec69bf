import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerClaimDocument,
  type ClaimDocumentId,
  listClaimDocuments,
  payVendor,
  prepareClaimDocument,
  readClaimDocumentFile,
  settleDispute,
} from '@taika/protocol/dispatch/claim-documents';
import type { Id } from '@taika/protocol/schema';
import { findAllDefects } from '../src/books/find-defects.ts';
import { accrueFee } from './support/accrue-fee.ts';
import { bearer, enrolVendor, newId, registerTerminal } from './support/parties.ts';
import { startTestDispatch } from './support/test-dispatch.ts';

test('a cancelled line is taken off its claim by a document, and what is left can be paid', async () => {
  await using dispatch = await startTestDispatch({ registrationNumber: 'T1234567890123' });
  const operator = bearer(dispatch.url, dispatch.operatorKey);
  const vendor = await enrolVendor(dispatch.url, operator);
  const other = await enrolVendor(dispatch.url, operator);
  const { sql } = dispatch.server.context;
  const { vendorId } = vendor;
  const at = new Date(Date.UTC(2026, 0, 10));
  const fee = async () => {
    const { registrationId } = await registerTerminal(vendor);
    return accrueFee(sql, { vendorId, registrationId, month: '2026-01', amountMilli: 120_300n, at });
  };
  const [kept, first, second] = [await fee(), await fee(), await fee()];
  const documentId = newId<ClaimDocumentId>();
  const params = { documentId };
  await operator.call(prepareClaimDocument, { params, body: { vendorId, to: '2026-01-31' } });
  const answers = [
    { event: kept, answer: 'confirmed' as const },
    ...[first, second].map((event) => ({ event, answer: 'disputed' as const, reason: 'A test.' })),
  ];
  await vendor.caller.call(answerClaimDocument, { params, body: { answers } });
  const cancel = (event: string) =>
    operator.call(settleDispute, { params, body: { event, outcome: 'cancelled', reason: 'As agreed.' } });
  for (const event of [first, second, first]) {
    await cancel(event);
  }

  const [claim] = (await vendor.caller.call(listClaimDocuments, { query: {} })).items;
  assert.ok(claim);
  const yen = ({ amountMilli }: { amountMilli: string }) => Number(amountMilli) / 1000;
  // 360.9 of three is 361, 240.6 of two is 241, and one is 120.
  assert.deepEqual([yen(claim.total), claim.due && yen(claim.due)], [361, 120]);
  const corrections = claim.corrections ?? [];
  assert.deepEqual(
    corrections.map((each) => [each.number.slice(-6), each.event, yen(each.total)]),
    [
      ['000001', first, 120],
      ['000002', second, 121],
    ],
  );
  for (const { documentId: id, number, event } of corrections) {
    for (const format of ['pdf', 'csv', 'json'] as const) {
      const at = { params: { documentId: id, format } };
      const text = await (await vendor.caller.open(readClaimDocumentFile, at)).text();
      assert.ok(
        format === 'pdf' ? text.startsWith('%PDF') : text.includes(number) && text.includes(event),
        text,
      );
      if (format !== 'pdf') {
        assert.ok(text.includes(claim.number), `${format} names what it corrects`);
      }
      await assert.rejects(other.caller.open(readClaimDocumentFile, at), { code: 'not-found' });
    }
  }
  const found = await operator.call(listClaimDocuments, { query: { number: corrections[0]!.number } });
  assert.deepEqual(
    found.items.map((each) => each.number),
    [claim.number],
  );
  const payment = { vendorId, amount: claim.due!, reference: 'bank' };
  await operator.call(payVendor, { params: { paymentId: newId<Id<'payment'>>() }, body: payment });
  await assert.rejects(
    operator.call(payVendor, {
      params: { paymentId: newId<Id<'payment'>>() },
      body: { ...payment, reference: 'again' },
    }),
    { code: 'wrong-state' },
  );
  assert.deepEqual(await findAllDefects(sql), []);
  await assert.rejects(sql`delete from claim_correction`, /append-only/);
});
