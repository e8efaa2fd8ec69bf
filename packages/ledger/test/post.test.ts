import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credit, debit } from '../src/journal.ts';
import { type PostCommand, post, postMany } from '../src/post.ts';
import { assertNoDefects, header, noon, openTestBooks } from './books.ts';

const spend = (idempotencyKey: string, amount: bigint, command = {}): PostCommand => ({
  ...header(idempotencyKey, command),
  postings: [debit('deposit:customer:c', 'JPY', amount), credit('cash', 'JPY', amount)],
});

test('a repeated command gets the first answer and is booked once', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  const first = await books.run((tx) => post(tx, spend('k', 60n)));
  assert.ok(first.kind === 'posted' && !first.replayed);
  const later = { ...spend('k', 60n), at: new Date(noon.getTime() + 60_000) };
  assert.deepEqual(await books.run((tx) => post(tx, later)), { ...first, replayed: true });
  assert.equal((await books.balance('deposit:customer:c')).posted, 40n);
  await assertNoDefects(books.sql);
});

test('a refusal is remembered even when the account could pay later', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 50n);
  const refused = {
    kind: 'refused',
    reason: 'overdrawn',
    account: 'deposit:customer:c',
    shortBy: 10n,
  } as const;
  assert.deepEqual(await books.run((tx) => post(tx, spend('k', 60n))), { ...refused, replayed: false });
  await books.topUp('c', 100n);
  assert.deepEqual(await books.run((tx) => post(tx, spend('k', 60n))), { ...refused, replayed: true });
  assert.equal((await books.balance('deposit:customer:c')).posted, 150n);
  await assertNoDefects(books.sql);
});

test('the same key with another body is a conflict and changes nothing', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  await books.run((tx) => post(tx, spend('k', 60n)));
  assert.deepEqual(await books.run((tx) => post(tx, spend('k', 60n, { other: true }))), {
    kind: 'idempotency-conflict',
    idempotencyKey: 'k',
  });
  assert.equal((await books.balance('deposit:customer:c')).posted, 40n);
  await assertNoDefects(books.sql);
});

test('a transaction that fails leaves no trace, and its key is free', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  const failing = books.run(async (tx) => {
    await post(tx, spend('k', 60n));
    throw new Error('The business step failed.');
  });
  await assert.rejects(failing, /business step/);
  assert.equal((await books.balance('deposit:customer:c')).posted, 100n);
  const outcome = await books.run((tx) => post(tx, spend('k', 60n)));
  assert.ok(outcome.kind === 'posted' && !outcome.replayed);
});

test('in a batch each command is decided by itself and in turn', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  const outcomes = await books.run((tx) =>
    postMany(tx, [
      spend('a', 70n),
      spend('b', 70n),
      spend('c', 30n),
      spend('a', 70n),
      spend('b', 1n),
      spend('a', 1n, { other: true }),
    ]),
  );
  assert.deepEqual(
    outcomes.map((outcome) => [outcome.kind, 'replayed' in outcome && outcome.replayed]),
    [
      ['posted', false],
      ['refused', false],
      ['posted', false],
      ['posted', true],
      ['refused', true],
      ['idempotency-conflict', false],
    ],
  );
  assert.equal((await books.balance('deposit:customer:c')).posted, 0n);
  assert.deepEqual(await books.run((tx) => postMany(tx, [])), []);
  await assertNoDefects(books.sql);
});

test('writers of the same key at the same time book it once', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 1_000n);
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, () => books.run((tx) => post(tx, spend('k', 60n)))),
  );
  const fresh = outcomes.filter((outcome) => outcome.kind === 'posted' && !outcome.replayed);
  assert.equal(fresh.length, 1);
  assert.equal(new Set(outcomes.map((outcome) => outcome.kind === 'posted' && outcome.journalId)).size, 1);
  assert.equal((await books.balance('deposit:customer:c')).posted, 940n);
});

test('writers that together want more than there is get what there is', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, index) => books.run((tx) => post(tx, spend(`k${index}`, 30n)))),
  );
  assert.equal(outcomes.filter((outcome) => outcome.kind === 'posted').length, 3);
  assert.equal((await books.balance('deposit:customer:c')).posted, 10n);
  await assertNoDefects(books.sql);
});

test('a journal that does not balance, or is on no account of a chart, is thrown out', async () => {
  await using books = await openTestBooks();
  const lopsided = { ...header('k'), postings: [debit('cash', 'JPY', 1n)] };
  await assert.rejects(
    books.run((tx) => post(tx, lopsided)),
    /does not balance/,
  );
  const petty = { ...header('k'), postings: [debit('cash', 'JPY', 1n), credit('petty', 'JPY', 1n)] };
  await assert.rejects(
    books.run((tx) => post(tx, petty)),
    /No chart of accounts has "petty"/,
  );
  await assertNoDefects(books.sql);
});

test('the largest amount of the books is kept to the last digit', async () => {
  await using books = await openTestBooks();
  const most = 2n ** 63n - 1n;
  await books.topUp('c', most);
  assert.equal((await books.balance('deposit:customer:c')).posted, most);
  await assert.rejects(books.topUp('c', 1n), /out of range/);
});
