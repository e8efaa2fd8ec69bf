import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkoutCaptured, pointsForfeited } from '../src/events.ts';
import { memberPoints } from '../src/member-points.ts';
import { placeHold } from '../src/place-hold.ts';
import { journalsOfEntries, type PointsEntry } from '../src/points-batch.ts';
import { post, postMany } from '../src/post.ts';
import { captureHold } from '../src/resolve-hold.ts';
import { assertNoDefects, header, noon, openTestBooks } from './books.ts';

const currency = 'JPY';

test('points are pending, then spendable, then held, then redeemed by a vendor who is owed their worth', async () => {
  await using books = await openTestBooks();
  const member = 'm';
  const pointsNow = () => memberPoints(books.sql, { member, now: noon });
  const batch = (entries: PointsEntry[], month: string) =>
    books.run((tx) => postMany(tx, journalsOfEntries(entries, { at: noon, month, currency })));
  assert.deepEqual(await pointsNow(), { pending: 0n, available: 0n, held: 0n, debt: 0n, buckets: [] });

  await batch([{ id: 1n, member, kind: 'pending', points: 90n }], '2027-02');
  await batch([{ id: 2n, member, kind: 'final', points: 20n }], '2026-10');
  await batch([{ id: 3n, member, kind: 'final', points: 30n }], '2027-01');
  await batch([{ id: 4n, member, kind: 'final', points: 30n }], '2027-02');
  await books.run((tx) =>
    post(tx, { ...header('wrong'), postings: pointsForfeited({ member, points: 10n }) }),
  );
  const before = await pointsNow();
  assert.deepEqual(before, {
    pending: 0n,
    available: 60n,
    held: 0n,
    debt: 0n,
    buckets: [
      { account: 'points:member:m:2027-01', month: '2027-01', available: 30n },
      { account: 'points:member:m:2027-02', month: '2027-02', available: 30n },
    ],
  });

  const from = before.buckets.map((bucket) => bucket.account);
  const held = await books.run((tx) =>
    placeHold(tx, { ...header('order:1'), from, commodity: 'PTS', amount: 40n }),
  );
  assert.ok(held.kind === 'held');
  assert.deepEqual([(await pointsNow()).available, (await pointsNow()).held], [20n, 40n]);

  const postings = checkoutCaptured({ vendor: 'v', parts: held.parts, currency });
  await books.run((tx) => captureHold(tx, { ...header('order:1:capture'), holdId: held.holdId, postings }));
  assert.deepEqual([(await pointsNow()).available, (await pointsNow()).held], [20n, 0n]);
  assert.equal((await books.balance('payable:vendor:v:accrued')).posted, 40n);
  assert.equal(
    (await books.balance('provision:points')).posted,
    40n,
    'the 20 spendable and the 20 that are expired',
  );
  await assertNoDefects(books.sql);
});

test('a batch of entries that is repeated after a crash is booked once', async () => {
  await using books = await openTestBooks();
  const entries = [1n, 2n, 3n].map(
    (id): PointsEntry => ({ id, member: `m${id % 2n}`, kind: 'pending', points: 5n }),
  );
  const commands = journalsOfEntries(entries, { at: noon, month: '2027-01', currency });
  await books.run((tx) => postMany(tx, commands));
  const again = await books.run((tx) => postMany(tx, commands));
  assert.ok(again.every((outcome) => outcome.kind === 'posted' && outcome.replayed));
  assert.equal((await books.balance('points:issued', 'PTS')).posted, 15n);
});
