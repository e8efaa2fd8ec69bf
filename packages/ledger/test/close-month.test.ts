import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sealChain, verifyChain } from '../src/chain.ts';
import { CLOSE_AFTER_MS, closeMonth, closingBalances, endOfMonth, listClosings } from '../src/close-month.ts';
import { findDefects } from '../src/defects.ts';
import { accountStatement, type JournalLine, journalLines } from '../src/entries.ts';
import { customerToppedUp } from '../src/events.ts';
import { post } from '../src/post.ts';
import { assertNoDefects, header, lookWhileTampered, openTestBooks, type TestBooks } from './books.ts';

const inOctober = new Date('2026-10-31T23:59:59.999Z');
const inNovember = new Date('2026-11-01T00:00:00.000Z');
const later = new Date(endOfMonth('2026-10').getTime() + CLOSE_AFTER_MS);

async function topUpAt(books: TestBooks, key: string, amount: bigint, at: Date) {
  const postings = customerToppedUp({ customer: 'c', amount, currency: 'JPY' });
  return books.run((tx) => post(tx, { ...header(key), at, postings }));
}

async function openTwoMonths(): Promise<TestBooks> {
  const books = await openTestBooks();
  await topUpAt(books, 'first', 100n, inOctober);
  await topUpAt(books, 'second', 20n, inNovember);
  await books.run((tx) => sealChain(tx));
  return books;
}

test('a closed month keeps its balances and the head of the chain, and takes no more journals', async () => {
  await using books = await openTwoMonths();
  const closed = await books.run((tx) => closeMonth(tx, { month: '2026-10', now: later }));
  assert.ok(closed.kind === 'closed' && !closed.replayed);
  assert.equal(closed.closing.journals, 1n);
  assert.equal(closed.closing.head.position, 2n);
  const deposit = (await closingBalances(books.sql, '2026-10')).find(
    ({ account }) => account === 'deposit:customer:c',
  );
  assert.equal(deposit?.posted, 100n);
  await assert.rejects(topUpAt(books, 'late', 1n, inOctober), /closed takes no more journals/);
  assert.equal((await topUpAt(books, 'now', 1n, inNovember)).kind, 'posted');
  await assertNoDefects(books.sql);
});

test('closing again gives the same closing, and the next month begins where it ended', async () => {
  await using books = await openTwoMonths();
  await books.run((tx) => closeMonth(tx, { month: '2026-10', now: later }));
  const again = await books.run((tx) =>
    closeMonth(tx, { month: '2026-10', now: new Date('2027-01-01T00:00:00Z') }),
  );
  assert.ok(again.kind === 'closed' && again.replayed);
  assert.deepEqual(again.closing.closedAt, later);
  const next = await books.run((tx) =>
    closeMonth(tx, { month: '2026-11', now: new Date('2027-01-01T00:00:00Z') }),
  );
  assert.ok(next.kind === 'closed');
  assert.equal(next.closing.journals, 1n);
  const [cash] = await closingBalances(books.sql, '2026-11');
  assert.deepEqual(cash, { account: 'cash', commodity: 'JPY', side: 'debit', posted: 120n });
  assert.deepEqual(
    (await listClosings(books.sql)).map(({ month }) => month),
    ['2026-11', '2026-10'],
  );
  await assertNoDefects(books.sql);
});

test('a month is closed after it is over, in order, and only when it is sealed', async () => {
  await using books = await openTwoMonths();
  const close = (month: string, now: Date) => books.run((tx) => closeMonth(tx, { month, now }));
  const early = new Date(later.getTime() - 1);
  assert.deepEqual(await close('2026-10', early), { kind: 'refused', reason: 'not-over' });
  await topUpAt(books, 'unsealed', 1n, inOctober);
  assert.deepEqual(await close('2026-10', later), { kind: 'refused', reason: 'unsealed' });
  await books.run((tx) => sealChain(tx));
  assert.equal((await close('2026-10', later)).kind, 'closed');
  assert.deepEqual(await close('2026-09', later), { kind: 'refused', reason: 'later-closed' });
  await assert.rejects(close('2026-13', later), RangeError);
});

test('who closes at the same time closes once', async () => {
  await using books = await openTwoMonths();
  const outcomes = await Promise.all(
    Array.from({ length: 4 }, () => books.run((tx) => closeMonth(tx, { month: '2026-10', now: later }))),
  );
  assert.equal(outcomes.filter((outcome) => outcome.kind === 'closed' && !outcome.replayed).length, 1);
  await assertNoDefects(books.sql);
});

test('who books into a month while it is being closed comes before it or is refused, and never unseen', async () => {
  await using books = await openTwoMonths();
  const outcomes = await Promise.allSettled([
    books.run((tx) => closeMonth(tx, { month: '2026-10', now: later })),
    ...Array.from({ length: 8 }, (_, index) => topUpAt(books, `racing ${index}`, 1n, inOctober)),
  ]);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.match(String(outcome.reason), /closed takes no more journals/);
  }
  await assertNoDefects(books.sql);
});

test('a posting or a balance that was changed after the closing is a defect, and breaks the chain', async () => {
  await using books = await openTwoMonths();
  await books.run((tx) => closeMonth(tx, { month: '2026-10', now: later }));
  const touched = 'update ledger.posting set amount = amount * 2 where journal_id = 1';
  await lookWhileTampered(books.sql, touched, async (tx) => {
    assert.ok((await findDefects(tx)).some(({ rule }) => rule === 'closing-not-fold'));
    const verdict = await verifyChain(tx);
    assert.ok(verdict.kind === 'broken' && verdict.position === 1n && verdict.commandId === 1n);
  });
  await lookWhileTampered(books.sql, 'update ledger.closing_balance set posted = posted + 1', async (tx) => {
    assert.ok((await findDefects(tx)).some(({ rule }) => rule === 'closing-not-fold'));
  });
});

test('an account’s statement begins with what was there and goes on in pages', async () => {
  await using books = await openTwoMonths();
  await topUpAt(books, 'third', 3n, inNovember);
  const november = { from: inNovember, before: endOfMonth('2026-11') };
  const of = { account: 'deposit:customer:c', commodity: 'JPY', ...november };
  const first = await accountStatement(books.sql, { ...of, after: 0n, limit: 1 });
  assert.equal(first.opening, 100n);
  assert.deepEqual(
    first.entries.map(({ key, change }) => [key, change]),
    [['second', 20n]],
  );
  const rest = await accountStatement(books.sql, { ...of, after: first.entries[0]!.journalId, limit: 10 });
  assert.deepEqual(
    rest.entries.map(({ key, change }) => [key, change]),
    [['third', 3n]],
  );
  await assert.rejects(
    accountStatement(books.sql, { ...of, account: 'nothing', after: 0n, limit: 1 }),
    RangeError,
  );
});

test('an export has every posting of its span once, in order', async () => {
  await using books = await openTwoMonths();
  const lines: JournalLine[] = [];
  for await (const some of journalLines(books.sql, { from: inOctober, before: inNovember }))
    lines.push(...some);
  assert.deepEqual(
    lines.map(({ key, line, account, amount }) => [key, line, account, amount]),
    [
      ['first', 1, 'cash', 100n],
      ['first', 2, 'deposit:customer:c', -100n],
    ],
  );
});
