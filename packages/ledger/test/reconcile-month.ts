/** What must be true of a month that is over: shared by the test and the benchmark. */
import assert from 'node:assert/strict';
import { accountCode } from '../src/account.ts';
import { balanceOf, balancesUnder } from '../src/balance.ts';
import { sealChain, verifyChain } from '../src/chain.ts';
import { closeMonth } from '../src/close-month.ts';
import { assertNoDefects } from './books.ts';
import type { Book, Business } from './simulated-month.ts';

const currency = 'JPY';

/** Seals and closes every book, and compares them line by line of what companies owe each other. Fails on any difference. */
export async function closeAndReconcile(
  contractor: Book,
  business: Business,
): Promise<{ journals: bigint; closeSeconds: number }> {
  const now = new Date(Date.parse(`${business.month}-01T00:00:00Z`) + 40 * 24 * 3600 * 1000);
  let journals = 0n;
  let closeMs = 0;
  for (const book of [contractor, ...business.vendors]) {
    while ((await book.run((tx) => sealChain(tx))).sealed > 0) {
      // Until nothing waits.
    }
    assert.equal((await verifyChain(book.sql)).kind, 'intact');
    await assertNoDefects(book.sql);
    const startMs = performance.now();
    const closed = await book.run((tx) => closeMonth(tx, { month: business.month, now }));
    closeMs += performance.now() - startMs;
    assert.equal(
      closed.kind,
      'closed',
      JSON.stringify(closed, (_, value) => String(value)),
    );
    if (closed.kind === 'closed') journals += closed.closing.journals;
    await assertBalanceSheetCloses(book);
  }
  await assertVendorsAgree(contractor, business);
  await assertCustomersAgree(contractor);
  await assertPointsAgree(contractor);
  return { journals, closeSeconds: Math.round(closeMs) / 1_000 };
}

/** Debits equal credits in what was kept of the month, for each commodity. */
async function assertBalanceSheetCloses({ sql }: Book): Promise<void> {
  const off = await sql`
    select a.commodity
    from ledger.closing_balance c
    join ledger.account a on a.id = c.account_id
    group by a.commodity
    having sum(case a.side when 'D' then c.posted else -c.posted end) <> 0`;
  assert.deepEqual([...off], []);
}

async function assertVendorsAgree(contractor: Book, { vendors }: Business): Promise<void> {
  for (const [vendor, book] of vendors.entries()) {
    const states = await balancesUnder(contractor.sql, `payable:vendor:${vendor}:`);
    const owed = states.reduce((sum, { posted }) => sum + posted, 0n);
    const expected = await balanceOf(book.sql, { account: 'receivable:contractor', commodity: currency });
    assert.equal(owed, expected.posted, `vendor ${vendor}`);
  }
}

/** What customers owe is exactly the credit that they have used up. */
async function assertCustomersAgree(contractor: Book): Promise<void> {
  const owed = await balancesUnder(contractor.sql, 'receivable:customer:');
  for (const { account, posted } of owed) {
    const customer = account.split(':')[2] ?? '';
    const left = await balanceOf(contractor.sql, {
      account: accountCode.creditLimit(customer),
      commodity: currency,
    });
    assert.equal(posted, 20_000_000n - left.posted, account);
  }
}

/** Issued = members + escrow + evidence + redeemed + expired + clawback − debt. */
async function assertPointsAgree(contractor: Book): Promise<void> {
  const points = (await balancesUnder(contractor.sql, 'points:')).filter(
    ({ commodity }) => commodity === 'PTS',
  );
  const sum = (side: 'debit' | 'credit') =>
    points.filter((row) => row.side === side).reduce((total, { posted }) => total + posted, 0n);
  assert.equal(sum('debit'), sum('credit'));
  assert.ok(sum('debit') > 0n);
}
