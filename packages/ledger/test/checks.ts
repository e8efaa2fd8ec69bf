/** What the write path promises, each as a check that books of any kind can be put through. */
import assert from 'node:assert/strict';
import type { Sql, Transaction } from '@taika/database/connect';
import { balanceOf } from '../src/balance.ts';
import { sealChain, verifyChain } from '../src/chain.ts';
import { nextDocumentNumber } from '../src/document-number.ts';
import { customerToppedUp, jobInvoicedFromHold, pointsFinal, pointsPending } from '../src/events.ts';
import { type HoldCommand, placeHold } from '../src/place-hold.ts';
import { post } from '../src/post.ts';
import { captureHold, expireHolds, releaseHold } from '../src/resolve-hold.ts';
import { reverse } from '../src/reverse.ts';
import { assertNoDefects, header, noon, tamper } from './books.ts';

/** Books to be checked. Every transaction goes through `run`, which may have a fault. */
export interface CheckedBooks {
  readonly sql: Sql;
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

export type CheckName = keyof typeof checks;

const currency = 'JPY';
const deposit = 'deposit:customer:c';
const minutes = (count: number) => new Date(noon.getTime() + count * 60_000);

const topUp = (books: CheckedBooks, key: string, amount = 100n) =>
  books.run((tx) =>
    post(tx, { ...header(key, { amount }), postings: customerToppedUp({ customer: 'c', amount, currency }) }),
  );

const hold = (books: CheckedBooks, key: string, more: Partial<HoldCommand> = {}) =>
  books.run((tx) =>
    placeHold(tx, { ...header(key), from: [deposit], commodity: currency, amount: 50n, ...more }),
  );

const capture = (books: CheckedBooks, key: string, held: { holdId: bigint; amount: bigint; at?: Date }) => {
  const { holdId, amount, at = noon } = held;
  const postings = jobInvoicedFromHold({
    customer: 'c',
    net: amount,
    tax: 0n,
    currency,
    fromDeposit: amount,
  });
  return books.run((tx) => captureHold(tx, { ...header(key), at, holdId, postings }));
};

async function heldOn(books: CheckedBooks, more: Partial<HoldCommand> = {}): Promise<bigint> {
  await topUp(books, 'top-up');
  const held = await hold(books, 'hold', more);
  assert.ok(held.kind === 'held');
  return held.holdId;
}

const free = async (books: CheckedBooks) =>
  (await balanceOf(books.sql, { account: deposit, commodity: currency })).available;

export const checks = {
  'a repeated command is one journal': async (books: CheckedBooks) => {
    const first = await topUp(books, 'top-up');
    assert.ok(first.kind === 'posted' && !first.replayed);
    for (const again of await Promise.all([topUp(books, 'top-up'), topUp(books, 'top-up')])) {
      assert.deepEqual(again, { ...first, replayed: true });
    }
    assert.equal(await free(books), 100n);
    await assertNoDefects(books.sql);
  },

  'a key that was used for something else is a conflict': async (books: CheckedBooks) => {
    await topUp(books, 'top-up');
    assert.equal((await topUp(books, 'top-up', 101n)).kind, 'idempotency-conflict');
    assert.equal((await topUp(books, 'top-up')).kind, 'posted');
  },

  'a balance is the fold of its postings': async (books: CheckedBooks) => {
    await topUp(books, 'one', 100n);
    await topUp(books, 'two', 23n);
    assert.equal(await free(books), 123n);
    assert.equal((await balanceOf(books.sql, { account: 'cash', commodity: currency })).posted, 123n);
    await assertNoDefects(books.sql);
  },

  'parallel holds take what there is and are refused the rest': async (books: CheckedBooks) => {
    await topUp(books, 'top-up');
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, at) => hold(books, `hold ${at}`, { amount: 30n })),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'held').length, 3);
    assert.equal(outcomes.filter(({ kind }) => kind === 'refused').length, 5);
    assert.equal(await free(books), 10n);
    await assertNoDefects(books.sql);
  },

  'a hold resolves once, whoever comes first': async (books: CheckedBooks) => {
    const holdId = await heldOn(books);
    const outcomes = await Promise.all([
      capture(books, 'capture', { holdId, amount: 30n }),
      books.run((tx) => releaseHold(tx, { ...header('release'), holdId })),
      capture(books, 'another capture', { holdId, amount: 20n }),
    ]);
    assert.equal(outcomes.filter(({ kind }) => kind !== 'refused').length, 1);
    await assertNoDefects(books.sql);
  },

  'a capture is within its hold': async (books: CheckedBooks) => {
    const holdId = await heldOn(books);
    const beyond = await capture(books, 'beyond', { holdId, amount: 51n });
    assert.deepEqual([beyond.kind, 'reason' in beyond && beyond.reason], ['refused', 'beyond-hold']);
    assert.equal((await capture(books, 'within', { holdId, amount: 50n })).kind, 'posted');
  },

  'what is not captured is free again': async (books: CheckedBooks) => {
    const holdId = await heldOn(books);
    await capture(books, 'capture', { holdId, amount: 30n });
    assert.equal(await free(books), 70n);
    await assertNoDefects(books.sql);
  },

  'a hold that is over cannot be captured': async (books: CheckedBooks) => {
    const holdId = await heldOn(books, { expiresAt: minutes(5) });
    assert.equal((await capture(books, 'late', { holdId, amount: 1n, at: minutes(5) })).kind, 'refused');
    assert.equal((await capture(books, 'in time', { holdId, amount: 1n, at: minutes(4) })).kind, 'posted');
  },

  'a hold that is not over does not expire': async (books: CheckedBooks) => {
    const holdId = await heldOn(books, { expiresAt: minutes(5) });
    assert.deepEqual(await books.run((tx) => expireHolds(tx, { at: minutes(4) })), []);
    assert.deepEqual(await books.run((tx) => expireHolds(tx, { at: minutes(5) })), [holdId]);
    assert.equal(await free(books), 100n);
  },

  'the bucket that expires first is spent first': async (books: CheckedBooks) => {
    const buckets = ['2027-01', '2027-02'];
    await books.run(async (tx) => {
      await post(tx, { ...header('earn'), postings: pointsPending({ member: 'm', points: 20n }) });
      for (const month of buckets) {
        const postings = pointsFinal({ member: 'm', month, points: 10n, currency });
        await post(tx, { ...header(`final ${month}`), postings });
      }
    });
    const command = {
      from: buckets.map((month) => `points:member:m:${month}`),
      commodity: 'PTS',
      amount: 15n,
    };
    const held = await hold(books, 'order', command);
    const again = await hold(books, 'order', command);
    for (const outcome of [held, again]) {
      assert.deepEqual(outcome.kind === 'held' && outcome.parts, [
        { account: 'points:member:m:2027-01', amount: 10n },
        { account: 'points:member:m:2027-02', amount: 5n },
      ]);
    }
  },

  'a refusal stays a refusal': async (books: CheckedBooks) => {
    const refused = await hold(books, 'hold');
    assert.equal(refused.kind, 'refused');
    await topUp(books, 'top-up');
    assert.deepEqual(await hold(books, 'hold'), { ...refused, replayed: true });
    await assertNoDefects(books.sql);
  },

  'a journal is reversed once': async (books: CheckedBooks) => {
    await topUp(books, 'spare', 500n);
    const journal = await topUp(books, 'top-up');
    assert.ok(journal.kind === 'posted');
    const { journalId } = journal;
    const outcomes = await Promise.all(
      ['one', 'two', 'three'].map((key) => books.run((tx) => reverse(tx, { ...header(key), journalId }))),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'posted').length, 1);
    assert.equal(await free(books), 500n);
  },

  'numbers have no gaps': async (books: CheckedBooks) => {
    const series = { issuer: 'contractor', series: 'INV', year: 2026 };
    const failing = books.run(async (tx) => {
      await nextDocumentNumber(tx, series);
      throw new Error('The invoice could not be written.');
    });
    await assert.rejects(failing, /could not be written/);
    const numbers = await Promise.all(
      Array.from({ length: 5 }, () => books.run((tx) => nextDocumentNumber(tx, series))),
    );
    assert.deepEqual(numbers.sort(), [1n, 2n, 3n, 4n, 5n]);
    await assertNoDefects(books.sql);
  },

  'a row that was changed is found': async (books: CheckedBooks) => {
    await topUp(books, 'top-up');
    await books.run((tx) => sealChain(tx));
    assert.equal((await verifyChain(books.sql)).kind, 'intact');
    await books.run((tx) => tamper(tx, 'update ledger.posting set amount = amount * 2'));
    assert.equal((await verifyChain(books.sql)).kind, 'broken');
  },
} as const;
