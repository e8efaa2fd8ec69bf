import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancesUnder } from '../src/balance.ts';
import { openTestBooks } from './books.ts';
import { closeAndReconcile } from './reconcile-month.ts';
import { type Business, drawPrices, simulateMonth } from './simulated-month.ts';

test('a month of business closes, and the books of all companies agree to the last thousandth', async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`SEED=${seed}`);
  await using stack = new AsyncDisposableStack();
  const contractor = stack.use(await openTestBooks());
  const vendors = [stack.use(await openTestBooks()), stack.use(await openTestBooks())];
  const business: Business = {
    month: '2026-10',
    customers: 20,
    jobsEach: 4,
    members: 400,
    checkoutsPercent: 20,
    vendors,
    prices: drawPrices(80, seed),
  };
  await simulateMonth(contractor, business);
  const { journals } = await closeAndReconcile(contractor, business);
  assert.ok(journals > 1_000n, `Only ${journals} journals.`);
  // All of it once more, as by somebody who does not know how far he came: the same keys change nothing.
  const before = await balancesUnder(contractor.sql, '');
  await simulateMonth(contractor, business);
  assert.deepEqual(await balancesUnder(contractor.sql, ''), before);
});
