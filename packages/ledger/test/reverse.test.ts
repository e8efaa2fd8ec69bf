import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credit, debit } from '../src/journal.ts';
import { post } from '../src/post.ts';
import { reverse } from '../src/reverse.ts';
import { assertNoDefects, header, openTestBooks, untilSomebodyWaits } from './books.ts';

test('a reversal undoes a journal, and repeating it changes nothing', async () => {
  await using books = await openTestBooks();
  const journalId = await books.topUp('c', 100n);
  const command = { ...header('undo'), journalId };
  const outcome = await books.run((tx) => reverse(tx, command));
  assert.ok(outcome.kind === 'posted');
  assert.deepEqual(await books.run((tx) => reverse(tx, command)), { ...outcome, replayed: true });
  assert.equal((await books.balance('deposit:customer:c')).posted, 0n);
  assert.equal((await books.balance('cash')).posted, 0n);
  await assertNoDefects(books.sql);
});

test('a journal is reversed at most once, also by two writers at the same time', async () => {
  await using books = await openTestBooks();
  // On accounts that may be overdrawn, so that no balance would stop a second reversal.
  const postings = [debit('cash', 'JPY', 5n), credit('revenue:compute', 'JPY', 5n)];
  const posted = await books.run((tx) => post(tx, { ...header('k'), postings }));
  assert.ok(posted.kind === 'posted');
  const command = (key: string) => ({ ...header(key), journalId: posted.journalId });
  let second: Promise<unknown> | undefined;
  const first = await books.run(async (tx) => {
    const outcome = await reverse(tx, command('undo:1'));
    second = books.run((other) => reverse(other, command('undo:2')));
    await untilSomebodyWaits(books.sql);
    return outcome;
  });
  assert.equal(first.kind, 'posted');
  assert.deepEqual(await second, { kind: 'refused', reason: 'already-reversed', replayed: false });
  assert.equal((await books.balance('cash')).posted, 0n);
  await assertNoDefects(books.sql);
});

test('what was spent meanwhile cannot be reversed away', async () => {
  await using books = await openTestBooks();
  const journalId = await books.topUp('c', 100n);
  const postings = [debit('deposit:customer:c', 'JPY', 60n), credit('cash', 'JPY', 60n)];
  await books.run((tx) => post(tx, { ...header('spend'), postings }));
  const outcome = await books.run((tx) => reverse(tx, { ...header('undo'), journalId }));
  assert.deepEqual(outcome, {
    kind: 'refused',
    reason: 'overdrawn',
    account: 'deposit:customer:c',
    shortBy: 60n,
    replayed: false,
  });
  await assertNoDefects(books.sql);
});

test('a reversal and an unknown journal are not reversed', async () => {
  await using books = await openTestBooks();
  const journalId = await books.topUp('c', 100n);
  const undone = await books.run((tx) => reverse(tx, { ...header('undo'), journalId }));
  assert.ok(undone.kind === 'posted');
  const redo = await books.run((tx) => reverse(tx, { ...header('redo'), journalId: undone.journalId }));
  assert.ok(redo.kind === 'refused' && redo.reason === 'is-reversal');
  const none = await books.run((tx) => reverse(tx, { ...header('none'), journalId: 12_345n }));
  assert.ok(none.kind === 'refused' && none.reason === 'unknown-journal');
});
