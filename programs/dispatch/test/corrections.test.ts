/** Corrections of invoiced jobs, in whatever order they are found, published and credited, beside what the operator does. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Caller } from '@taika/http/call';
import { findDefects } from '@taika/ledger/defects';
import { issueCreditNote, voidInvoice } from '@taika/protocol/dispatch/credits';
import { listInvoices } from '@taika/protocol/dispatch/money';
import type { CreditNoteId, InvoiceId, VoidId } from '@taika/protocol/schema';
import { pricedLevels } from '@taika/protocol/trust-prices';
import { listMoneyDefects } from '../src/books/queries.ts';
import { creditCorrectionStep } from '../src/credits/credit-corrections.ts';
import { pause, repeatable } from './support/grid.ts';
import { bearer, enrolCustomer, newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { invoiceAll, writeJob } from './support/work.ts';

let dispatch: TestDispatch;
let operator: Caller;
before(async () => {
  dispatch = await startTestDispatch();
  operator = bearer(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch?.[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;
const sha256 = 'b'.repeat(64);
const assertNoDefects = async () =>
  assert.deepEqual([...(await findDefects(sql())), ...(await listMoneyDefects(sql()))], []);

test('however results are corrected, no invoice is credited beyond itself, and nobody pays for wrong fuel', async () => {
  const seed = process.env.SEED ?? 'corrections';
  const random = repeatable(seed);
  const upTo = (most: number) => Math.floor(random.fraction() * (most + 1));
  for (let nth = 0; nth < 12; nth++) {
    const { invoiceId, jobNumber, fuel, maxPriceMilli } = await invoicedJob(nth, upTo);
    let revision = 0;
    for (let step = 0; step < 12; step++) {
      switch (upTo(5)) {
        case 0:
        case 1:
          revision = await find(jobNumber, BigInt(upTo(Number(fuel) * 2)), revision);
          break;
        case 2:
          await publish(jobNumber);
          break;
        case 3:
          await Promise.all([1, 2].map(() => creditCorrectionStep(dispatch.server.context)));
          break;
        case 4:
          await quietly(
            operator.call(issueCreditNote, {
              params: { creditNoteId: newId<CreditNoteId>() },
              body: {
                invoiceId,
                reason: 'Not as agreed.',
                net: { currency: 'JPY', amountMilli: `${1 + upTo(20)}000` },
              },
            }),
          );
          break;
        case 5:
          if (upTo(9) === 0) {
            await quietly(
              operator.call(voidInvoice, {
                params: { voidId: newId<VoidId>() },
                body: { invoiceId, reason: 'Sent in error.' },
              }),
            );
          }
          break;
      }
      await assertNoDefects();
    }
    await publish(jobNumber);
    await settled(jobNumber);
    await assertNoDefects();
    const [left] = await sql()<{ charged: bigint }[]>`
      select i.total_milli - (
        select coalesce(sum(total_milli), 0)::bigint from credit_note where invoice_number = i.number
      ) as charged
      from invoice i where i.id = ${invoiceId}
    `;
    assert.ok(left !== undefined && left.charged >= 0n && left.charged <= maxPriceMilli, `SEED=${seed}`);
  }
  const [made] = await sql()<{ notes: bigint; taken: bigint }[]>`
    select (select count(*) from credit_note where corrected_fuel is not null) as notes,
           (select count(*) from job_correction where credit_note_number is null) as taken
  `;
  assert.ok(
    made !== undefined && made.notes > 3n && made.taken > 3n,
    'Both happened: credits, and nothing to credit.',
  );
});

/** An invoice of some level, sometimes one that reached its bound. */
async function invoicedJob(nth: number, upTo: (most: number) => number) {
  const level = pricedLevels[nth % pricedLevels.length] ?? 'plain';
  const fuel = BigInt(1 + upTo(200)) * 10n ** 9n + BigInt(upTo(10 ** 9));
  const maxPriceMilli = nth % 3 === 0 ? 50_000n : 10n ** 6n;
  const { customerId } = await enrolCustomer(dispatch.url, operator, 'Corrected');
  const { jobNumber } = await writeJob(sql(), {
    customerId,
    fuel,
    maxPriceMilli,
    trust: level === 'plain' ? {} : { trust: level },
  });
  await sql()`
    insert into job_cursor (job_number, copies, unit_count, next_unit, units_done, fuel, is_open, is_swept)
    values (${jobNumber}, 1, 10, 10, 10, ${fuel}, false, true)
  `;
  await invoiceAll(dispatch.server.context);
  const { items } = await operator.call(listInvoices, { query: { counterparty: customerId } });
  return { invoiceId: items[0]?.invoiceId ?? (assert.fail() as InvoiceId), jobNumber, fuel, maxPriceMilli };
}

/** Some result was wrong: what stands now took this fuel. As trust does it: another one joins what is not published yet. */
async function find(jobNumber: bigint, fuel: bigint, revision: number): Promise<number> {
  return sql().begin(async (tx) => {
    const joined = await tx`
      update job_correction
      set units = units + 1, fuel_after = ${fuel}
      where job_number = ${jobNumber} and merged_at is null
      returning revision
    `;
    if (joined.length === 0) {
      await tx`
        insert into job_correction (job_number, revision, units, fuel_before, fuel_after, found_at)
        select ${jobNumber}, ${revision + 1}, 1, fuel, ${fuel}, now() from job_cursor where job_number = ${jobNumber}
      `;
    }
    await tx`update job_cursor set fuel = ${fuel} where job_number = ${jobNumber}`;
    return joined.length === 0 ? revision + 1 : revision;
  });
}

async function publish(jobNumber: bigint): Promise<void> {
  await sql()`
    update job_correction
    set result_sha256 = ${sha256}, merged_at = now()
    where job_number = ${jobNumber} and merged_at is null
  `;
}

async function settled(jobNumber: bigint): Promise<void> {
  for (;;) {
    await creditCorrectionStep(dispatch.server.context);
    const rows =
      await sql()`select from job_correction where job_number = ${jobNumber} and credited_at is null`;
    if (rows.length === 0) {
      return;
    }
    await pause();
  }
}

/** The operator may be refused: too much, void, or credited already. */
async function quietly(call: Promise<unknown>): Promise<void> {
  await call.catch((error: { code?: string }) => {
    assert.ok(error.code === 'conflict' || error.code === 'wrong-state', String(error));
  });
}
