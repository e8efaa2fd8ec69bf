import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { issueCreditNote } from '@taika/protocol/dispatch/credits';
import type { CreditNoteId, InvoiceId } from '@taika/protocol/schema';
import { findAllDefects } from '../src/books/find-defects.ts';
import { bearer, enrolCustomer, newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { invoiceAll, writeJob } from './support/work.ts';

let dispatch: TestDispatch;
before(async () => {
  dispatch = await startTestDispatch();
});
after(() => dispatch?.[Symbol.asyncDispose]());

/** Every table of documents, with a column that somebody might like to change. */
const documents = {
  invoice: 'total_milli',
  invoice_line: 'amount_milli',
  invoice_void: 'reason',
  invoice_delivery: 'delivered_at',
  credit_note: 'total_milli',
  document_parties: 'buyer',
  claim_document: 'total_milli',
} as const;

test('the database refuses to change or delete a document, its owner too', async () => {
  const { sql } = dispatch.server.context;
  for (const [table, column] of Object.entries(documents)) {
    for (const change of [
      `update ${table} set ${column} = ${column}`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ]) {
      await assert.rejects(sql.unsafe(change), { code: '23000', message: /append-only/ }, change);
    }
  }
});

test('of a claim’s lines the answer changes, and nothing else', async () => {
  const { sql } = dispatch.server.context;
  await sql`update claim_document_line set state = state, reason = reason, answered_at = answered_at`;
  for (const change of [
    'update claim_document_line set claim_number = claim_number',
    'update claim_document_line set line = line',
    'delete from claim_document_line',
  ]) {
    await assert.rejects(sql.unsafe(change), { code: '23000', message: /append-only/ }, change);
  }
});

test('a document that was changed behind the triggers’ back is named beside what was booked', async () => {
  const { context } = dispatch.server;
  const { sql } = context;
  const operator = bearer(dispatch.url, dispatch.operatorKey);
  const customer = await enrolCustomer(dispatch.url, operator, 'Ada');
  await writeJob(sql, { customerId: customer.customerId, fuel: 100n * 10n ** 9n, units: 7 });
  await invoiceAll(context);
  const [invoice] = await sql<
    { id: InvoiceId; documentNumber: string }[]
  >`select id, document_number from invoice`;
  assert.ok(invoice);
  const body = { invoiceId: invoice.id, reason: 'A test.', net: { currency: 'JPY', amountMilli: '10000' } };
  const params = { creditNoteId: newId<CreditNoteId>() };
  const note = await operator.call(issueCreditNote, { params, body });
  assert.deepEqual(await findAllDefects(sql), []);
  const forged = { isForged: true };
  for (const [change, name, number] of [
    ['update invoice_line set fuel = fuel + 1', 'invoice-not-as-booked', invoice.documentNumber],
    [
      'update invoice set net_milli = net_milli - 1000, total_milli = total_milli - 1000',
      'invoice-not-as-booked',
      invoice.documentNumber,
    ],
    [
      'update credit_note set net_milli = net_milli + 1000, total_milli = total_milli + 1000',
      'credit-note-not-as-booked',
      note.number,
    ],
  ] as const) {
    const changing = sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx.unsafe(change);
      const found = await tx<{ name: string; detail: string }[]>`select name, detail from document_defect`;
      assert.deepEqual(
        found.map((defect) => defect.name),
        [name],
        change,
      );
      assert.ok(found[0]?.detail.includes(`${number}: `), found[0]?.detail ?? change);
      throw forged;
    });
    await assert.rejects(changing, (error) => error === forged);
  }
  assert.deepEqual(await findAllDefects(sql), []);
});
