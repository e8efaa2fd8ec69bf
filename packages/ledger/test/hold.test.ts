import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobInvoicedFromHold } from '../src/events.ts';
import { credit, debit } from '../src/journal.ts';
import { type HoldCommand, placeHold } from '../src/place-hold.ts';
import { post } from '../src/post.ts';
import { captureHold, expireHolds, releaseHold } from '../src/resolve-hold.ts';
import { assertNoDefects, header, noon, openTestBooks, type TestBooks } from './books.ts';

const deposit = 'deposit:customer:c';
const later = new Date(noon.getTime() + 60_000);

const holdOf = (idempotencyKey: string, amount: bigint, more: Partial<HoldCommand> = {}): HoldCommand => ({
  ...header(idempotencyKey),
  from: [deposit],
  commodity: 'JPY',
  amount,
  ...more,
});

async function place(books: TestBooks, command: HoldCommand): Promise<bigint> {
  const outcome = await books.run((tx) => placeHold(tx, command));
  assert.ok(outcome.kind === 'held');
  return outcome.holdId;
}

const invoice = (amount: bigint) =>
  jobInvoicedFromHold({ customer: 'c', net: amount, tax: 0n, currency: 'JPY', fromDeposit: amount });

test('what is held cannot be held or spent again', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  await place(books, holdOf('job:1', 70n));
  assert.deepEqual(await books.balance(deposit), { posted: 100n, held: 70n, available: 30n });
  const short = { kind: 'refused', reason: 'overdrawn', account: deposit, shortBy: 10n, replayed: false };
  assert.deepEqual(await books.run((tx) => placeHold(tx, holdOf('job:2', 40n))), short);
  const spend = { ...header('spend'), postings: [debit(deposit, 'JPY', 40n), credit('cash', 'JPY', 40n)] };
  assert.deepEqual(await books.run((tx) => post(tx, spend)), short);
  await assertNoDefects(books.sql);
});

test('a capture takes what is due and frees the rest', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  const holdId = await place(books, holdOf('job:1', 70n));
  const capture = { ...header('job:1:done'), holdId, postings: invoice(50n) };
  const outcome = await books.run((tx) => captureHold(tx, capture));
  assert.ok(outcome.kind === 'posted');
  assert.deepEqual(await books.balance(deposit), { posted: 50n, held: 0n, available: 50n });
  assert.deepEqual(await books.run((tx) => captureHold(tx, capture)), { ...outcome, replayed: true });
  await assertNoDefects(books.sql);
});

test('a capture of more than the hold is refused and the hold stands', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  const holdId = await place(books, holdOf('job:1', 70n));
  const outcome = await books.run((tx) =>
    captureHold(tx, { ...header('done'), holdId, postings: invoice(71n) }),
  );
  assert.deepEqual(outcome, { kind: 'refused', reason: 'beyond-hold', account: deposit, replayed: false });
  assert.equal((await books.balance(deposit)).held, 70n);
  await assertNoDefects(books.sql);
});

test('a hold is resolved once, whoever comes first', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  const holdId = await place(books, holdOf('job:1', 70n, { expiresAt: later }));
  const outcomes = await Promise.all([
    books.run((tx) => captureHold(tx, { ...header('capture:1'), holdId, postings: invoice(50n) })),
    books.run((tx) => captureHold(tx, { ...header('capture:2'), holdId, postings: invoice(60n) })),
    books.run((tx) => releaseHold(tx, { ...header('release:1'), holdId })),
    books.run((tx) => releaseHold(tx, { ...header('release:2'), holdId })),
    books
      .run((tx) => expireHolds(tx, { at: later }))
      .then((ids) => ({ kind: ids.length > 0 ? 'expired' : 'refused' })),
  ]);
  assert.equal(outcomes.filter((outcome) => outcome.kind !== 'refused').length, 1);
  assert.equal((await books.balance(deposit)).held, 0n);
  await assertNoDefects(books.sql);
});

test('every answer to a resolved, an unknown and an expired hold says which it was', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  const holdId = await place(books, holdOf('job:1', 70n, { expiresAt: later }));
  const late = { ...header('late'), at: later, holdId, postings: invoice(50n) };
  const reasonOf = (outcome: object) => ('reason' in outcome ? outcome.reason : outcome);
  assert.equal(reasonOf(await books.run((tx) => captureHold(tx, late))), 'hold-expired');
  const released = await books.run((tx) => releaseHold(tx, { ...header('release'), holdId }));
  assert.deepEqual(released, { kind: 'released', holdId, replayed: false });
  assert.deepEqual(await books.run((tx) => releaseHold(tx, { ...header('release'), holdId })), {
    ...released,
    replayed: true,
  });
  assert.equal(
    reasonOf(await books.run((tx) => releaseHold(tx, { ...header('again'), holdId }))),
    'hold-resolved',
  );
  assert.equal(
    reasonOf(await books.run((tx) => releaseHold(tx, { ...header('what'), holdId: 999n }))),
    'unknown-hold',
  );
  await assertNoDefects(books.sql);
});

test('a hold whose time is over frees what it held, and one without a time stays', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  const expiring = await place(books, holdOf('job:1', 30n, { expiresAt: later }));
  await place(books, holdOf('job:2', 20n));
  assert.deepEqual(await books.run((tx) => expireHolds(tx, { at: noon })), []);
  assert.deepEqual(await books.run((tx) => expireHolds(tx, { at: later })), [expiring]);
  assert.deepEqual(await books.run((tx) => expireHolds(tx, { at: later })), []);
  assert.equal((await books.balance(deposit)).held, 20n);
  await assertNoDefects(books.sql);
});

test('a hold on several accounts empties the first before it touches the next', async () => {
  await using books = await openTestBooks();
  for (const [month, points] of [
    ['2027-01', 30n],
    ['2027-02', 50n],
  ] as const) {
    const bucket = `points:member:m:${month}`;
    const postings = [
      debit('points:issued', 'PTS', points),
      credit(bucket, 'PTS', points),
      debit('cost:points', 'JPY', points),
      credit('provision:points', 'JPY', points),
    ];
    await books.run((tx) => post(tx, { ...header(bucket), postings }));
  }
  const from = ['points:member:m:2027-01', 'points:member:m:2027-02'];
  const command = holdOf('order:1', 40n, { from, commodity: 'PTS' });
  const held = await books.run((tx) => placeHold(tx, command));
  assert.ok(held.kind === 'held');
  assert.deepEqual(held.parts, [
    { account: 'points:member:m:2027-01', amount: 30n },
    { account: 'points:member:m:2027-02', amount: 10n },
  ]);
  assert.deepEqual(await books.run((tx) => placeHold(tx, command)), { ...held, replayed: true });
  await assertNoDefects(books.sql);
});

test('the same key with another amount is a conflict', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  await place(books, holdOf('job:1', 70n));
  const outcome = await books.run((tx) => placeHold(tx, holdOf('job:1', 60n)));
  assert.deepEqual(outcome, { kind: 'idempotency-conflict', idempotencyKey: 'job:1' });
});

test('nothing is held on an account that may be overdrawn anyway', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  await assert.rejects(place(books, holdOf('k', 1n, { from: ['cash'] })), /may be overdrawn/);
  await assert.rejects(place(books, holdOf('k', 0n)), /positive amount/);
});
