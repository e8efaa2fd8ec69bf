import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_CHAIN, sealChain, verifyChain } from '../src/chain.ts';
import { findDefects } from '../src/defects.ts';
import { placeHold } from '../src/place-hold.ts';
import { releaseHold } from '../src/resolve-hold.ts';
import {
  assertNoDefects,
  header,
  lookWhileTampered,
  openTestBooks,
  type TestBooks,
  tamper,
} from './books.ts';

/** Books with one command of each kind, all sealed: 1 top-up, 2 hold, 3 refusal, 4 release, 5 top-up. */
async function openSealedBooks(): Promise<TestBooks> {
  const books = await openTestBooks();
  await books.topUp('c', 100n);
  const hold = { ...header('hold'), from: ['deposit:customer:c'], commodity: 'JPY', amount: 60n };
  const held = await books.run((tx) => placeHold(tx, hold));
  assert.ok(held.kind === 'held');
  await books.run((tx) => placeHold(tx, { ...hold, ...header('too-much') }));
  await books.run((tx) => releaseHold(tx, { ...header('release'), holdId: held.holdId }));
  await books.topUp('d', 7n);
  await books.run((tx) => sealChain(tx));
  return books;
}

test('an untouched chain is intact, whatever the steps in which it was sealed', async () => {
  await using books = await openTestBooks();
  assert.deepEqual(await verifyChain(books.sql), { kind: 'intact', head: EMPTY_CHAIN });
  for (const customer of ['a', 'b', 'c', 'd', 'e']) await books.topUp(customer, 5n);
  for (const commandsMax of [2, 1, 10, 10]) await books.run((tx) => sealChain(tx, { commandsMax }));
  const verdict = await verifyChain(books.sql);
  assert.ok(verdict.kind === 'intact' && verdict.head.position === 5n);
  await assertNoDefects(books.sql);
});

test('replicas that write and seal at the same time make one chain', async () => {
  await using books = await openTestBooks();
  await Promise.all(
    Array.from({ length: 6 }, async (_, writer) => {
      for (let count = 0; count < 5; count++) {
        await books.topUp(`c${writer}`, 5n);
        await books.run((tx) => sealChain(tx));
      }
    }),
  );
  await books.run((tx) => sealChain(tx));
  const verdict = await verifyChain(books.sql);
  assert.ok(verdict.kind === 'intact' && verdict.head.position === 30n);
  await assertNoDefects(books.sql);
});

const touched: { what: string; statement: string; position: bigint }[] = [
  {
    what: 'an amount',
    statement: 'update ledger.posting set amount = amount * 2 where journal_id = 1',
    position: 1n,
  },
  {
    what: 'an account of a posting',
    statement:
      'update ledger.posting set account_id = (select max(id) from ledger.account) where journal_id = 1 and line = 2',
    position: 1n,
  },
  {
    what: 'a line more',
    statement:
      'insert into ledger.posting (journal_id, line, account_id, amount) select 1, 9, min(id), 1 from ledger.account',
    position: 1n,
  },
  {
    what: 'the instant of a journal',
    statement: "update ledger.journal set at = at + interval '1 microsecond' where id = 1",
    position: 1n,
  },
  {
    what: 'the name of an account',
    statement: "update ledger.account set code = 'deposit:customer:x' where code = 'deposit:customer:c'",
    position: 1n,
  },
  { what: 'the amount of a hold', statement: 'update ledger.hold_part set amount = 1', position: 2n },
  { what: 'the end of a hold', statement: 'update ledger.hold set expires_at = now()', position: 2n },
  {
    what: 'the reason of a refusal',
    statement: "update ledger.refusal set reason = 'hold-expired'",
    position: 3n,
  },
  { what: 'a refusal withdrawn', statement: 'delete from ledger.refusal', position: 3n },
  {
    what: 'how a hold was resolved',
    statement: "update ledger.hold_resolution set kind = 'expired'",
    position: 4n,
  },
  {
    what: 'the body of a command',
    statement: `update ledger.command set body = '{}' where key = 'release'`,
    position: 4n,
  },
  {
    what: 'the key of a command',
    statement: `update ledger.command set key = 'other' where key = 'release'`,
    position: 4n,
  },
  {
    what: 'a hash',
    statement: 'update ledger.seal set hash = sha256(hash) where position = 4',
    position: 4n,
  },
  { what: 'a seal taken out', statement: 'delete from ledger.seal where position = 3', position: 4n },
  { what: 'a command taken out', statement: "delete from ledger.command where key = 'hold'", position: 2n },
];

test('tampering is found and the first broken row is named', async (t) => {
  await using books = await openSealedBooks();
  for (const { what, statement, position } of touched) {
    await t.test(what, () =>
      lookWhileTampered(books.sql, statement, async (tx) => {
        const verdict = await verifyChain(tx);
        assert.ok(verdict.kind === 'broken', 'The chain must be broken.');
        assert.equal(verdict.position, position);
        const rules = (await findDefects(tx)).map((defect) => defect.rule);
        assert.ok(rules.includes('chain-broken'), rules.join());
      }),
    );
  }
  await assertNoDefects(books.sql);
});

test('a chain cut off at the end, or written anew, is found with the head that somebody else keeps', async () => {
  await using books = await openSealedBooks();
  const verdict = await verifyChain(books.sql);
  assert.ok(verdict.kind === 'intact');
  const witness = verdict.head;
  await books.topUp('e', 1n);
  await books.run((tx) => sealChain(tx));
  assert.equal((await verifyChain(books.sql, witness)).kind, 'intact');

  await books.run((tx) => tamper(tx, 'delete from ledger.seal where position >= 5'));
  assert.deepEqual(await verifyChain(books.sql, witness), {
    kind: 'broken',
    position: 5n,
    commandId: undefined,
    problem: 'the chain ends before it',
  });
  assert.ok((await findDefects(books.sql)).some((defect) => defect.rule === 'never-to-be-sealed'));

  // The forger books the cut-off end again, differently, and seals it.
  await books.run((tx) =>
    tamper(
      tx,
      'update ledger.posting set amount = amount * 3 where journal_id = (select max(id) from ledger.command where id < (select max(id) from ledger.command))',
    ),
  );
  await books.run((tx) =>
    tamper(
      tx,
      'insert into ledger.unsealed select id from ledger.command where id > 4 and id not in (select command_id from ledger.seal)',
    ),
  );
  await books.run((tx) => sealChain(tx));
  const forged = await verifyChain(books.sql, witness);
  assert.ok(forged.kind === 'broken' && forged.position === 5n);
});
