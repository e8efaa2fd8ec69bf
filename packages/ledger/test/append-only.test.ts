import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sealChain } from '../src/chain.ts';
import { placeHold } from '../src/place-hold.ts';
import { assertNoDefects, header, openTestBooks } from './books.ts';

const facts = [
  'command',
  'refusal',
  'account',
  'journal',
  'posting',
  'hold',
  'hold_part',
  'hold_resolution',
  'document_number',
  'seal',
  'closing',
  'closing_balance',
  'statement',
  'statement_line',
  'difference_note',
];

test('no fact can be changed, deleted or truncated, not even by the owner', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  for (const fact of facts) {
    const column = await lastColumn(fact);
    for (const statement of [
      `update ledger.${fact} set ${column} = ${column}`,
      `delete from ledger.${fact}`,
      `truncate ledger.${fact} cascade`,
    ]) {
      await assert.rejects(books.sql.unsafe(statement), /append-only/, statement);
    }
  }
  async function lastColumn(fact: string) {
    const [row] = await books.sql<{ columnName: string }[]>`
      select column_name
      from information_schema.columns
      where table_schema = 'ledger'
        and table_name = ${fact}
      order by ordinal_position desc
      limit 1`;
    assert.ok(row);
    return row.columnName;
  }
});

test('every table is a fact, a cache or a queue, and no other', async () => {
  await using books = await openTestBooks();
  const rows = await books.sql<{ tableName: string }[]>`
    select table_name
    from information_schema.tables
    where table_schema = 'ledger'
      and table_type = 'BASE TABLE'`;
  const others = rows.map((row) => row.tableName).filter((name) => !facts.includes(name));
  assert.deepEqual(others.sort(), ['balance', 'document_series', 'open_hold', 'unsealed']);
});

test('a balance below its holds, or a journal off zero, is refused by the tables themselves', async () => {
  await using books = await openTestBooks();
  await books.topUp('c', 100n);
  await assert.rejects(
    books.sql`update ledger.balance set posted = held - 1 where bounded`,
    /balance_never_overdrawn/,
  );
  await assert.rejects(
    books.sql`
      insert into ledger.posting (journal_id, line, account_id, amount)
      select id, 99, (select min(id) from ledger.account), 5
      from ledger.journal`,
    /does not sum to zero/,
  );
  await assertNoDefects(books.sql);
});

test('a writer with a role of its own can do business and cannot touch what is written', async () => {
  await using books = await openTestBooks();
  const journalId = await books.topUp('c', 100n);
  const role = `ledger_writer_${crypto.randomUUID().slice(0, 8)}`;
  await books.sql`create role ${books.sql(role)}`;
  try {
    await books.sql`select ledger.grant_writer(${role})`;
    const hold = { ...header('hold'), from: ['deposit:customer:c'], commodity: 'JPY', amount: 10n };
    await books.run(async (tx) => {
      await tx`set local role ${tx(role)}`;
      const outcome = await placeHold(tx, hold);
      assert.equal(outcome.kind, 'held');
      assert.equal((await sealChain(tx)).sealed, 2);
    });
    const changing = books.run(async (tx) => {
      await tx`set local role ${tx(role)}`;
      await tx`update ledger.posting set amount = 1 where journal_id = ${journalId}`;
    });
    await assert.rejects(changing, /permission denied/);
  } finally {
    await books.sql`drop owned by ${books.sql(role)}`;
    await books.sql`drop role ${books.sql(role)}`;
  }
});
