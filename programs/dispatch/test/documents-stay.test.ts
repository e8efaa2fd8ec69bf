import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

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
