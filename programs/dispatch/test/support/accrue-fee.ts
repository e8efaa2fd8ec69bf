import assert from 'node:assert/strict';
import type { Sql } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { licenseFeeAccrued } from '@taika/ledger/events';
import { post } from '@taika/ledger/post';
import { insertClaim } from '../../src/billing/claim-queries.ts';
import { findVendor } from '../../src/vendors/queries.ts';
import { newId } from './parties.ts';

/** Accrues a license fee as of long ago, as the server does when it is claimed; gives the event's name. */
export async function accrueFee(
  sql: Sql,
  fee: {
    readonly vendorId: string;
    readonly registrationId: string;
    readonly month: string;
    readonly amountMilli: bigint;
    readonly at: Date;
  },
): Promise<string> {
  const { vendorId, registrationId, month, amountMilli, at } = fee;
  const vendor = await findVendor(sql, vendorId);
  assert.ok(vendor);
  const event = `license-month:${registrationId}:${month}`;
  await inTransaction(sql, async (tx) => {
    await insertClaim(tx, {
      id: newId(),
      vendorNumber: vendor.number,
      kind: 'license-fee',
      registrationId,
      month,
      orderId: null,
      currency: 'JPY',
      amountMilli,
      state: 'accrued',
      refusalCode: null,
      acceptedAt: at,
    });
    const terms = { vendor: String(vendor.number), net: amountMilli, tax: 0n, currency: 'JPY' };
    const header = { idempotencyKey: event, event: 'license-fee', command: { event }, at };
    const outcome = await post(tx, { ...header, postings: licenseFeeAccrued(terms) });
    assert.equal(outcome.kind, 'posted');
  });
  return event;
}
