import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { connect, type Sql, type Transaction } from '@taika/database/connect';
import { createTestDatabase, type TestDatabase } from '@taika/database/test-database';
import { inTransaction } from '@taika/database/transaction';

let database: TestDatabase;
/** One connection only, so that whatever is said after its loss goes over the one that replaces it. */
let narrow: Sql;

before(async () => {
  database = await createTestDatabase({ migrations: [] });
  await database.sql`create table thing (name text primary key)`;
});
after(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await database.sql`truncate thing`;
  narrow = connect(database.url, { max: 1, applicationName: 'narrow' });
});
afterEach(() => narrow.end());

test('what a transaction says after its connection was lost is not written by the next connection', async () => {
  const zombie = Promise.withResolvers<void>();
  const said = Promise.withResolvers<unknown>();
  const lost = inTransaction(narrow, async (tx) => {
    await tx`insert into thing values ('before')`;
    await kill(tx);
    await zombie.promise;
    try {
      said.resolve(await tx`insert into thing values ('after')`);
    } catch (error) {
      said.resolve(error);
    }
  }).catch((error) => error);
  assert.ok((await lost) instanceof Error);
  await narrow`select 1`;
  zombie.resolve();
  assert.match(String(await said.promise), /transaction is over/i);
  assert.deepEqual(await names(), []);
});

test('the end of a transaction whose connection was lost ends no other', async () => {
  for (const ends of ['well', 'badly'] as const) {
    const zombie = Promise.withResolvers<void>();
    const lost = inTransaction(narrow, async (tx) => {
      await kill(tx);
      await zombie.promise;
      if (ends === 'badly') throw new Error('The work failed.');
    }).catch((error) => error);
    assert.ok((await lost) instanceof Error);
    const next = inTransaction(narrow, async (tx) => {
      await tx`insert into thing values (${`first ${ends}`})`;
      zombie.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      await tx`insert into thing values (${`second ${ends}`})`;
      throw new Error('All of it is rolled back.');
    });
    await assert.rejects(next, /rolled back/);
  }
  assert.deepEqual(await names(), []);
});

test('a statement that fails with its connection rejects, and the pool goes on', async () => {
  for (let round = 0; round < 8; round += 1) {
    const failed = inTransaction(narrow, async (tx) => {
      const { pid } = await backend(tx);
      const waiting = tx`select pg_sleep(600)`;
      waiting.catch(() => {});
      await database.sql`select pg_terminate_backend(${pid})`;
      await waiting;
    });
    await assert.rejects(failed);
    // The driver tells the news of the old connection once more to whoever asks first for a new one.
    await narrow`select 1`.catch(() => {});
    await inTransaction(narrow, (tx) => tx`insert into thing values (${`round ${round}`})`);
  }
  assert.equal((await names()).length, 8);
});

/** Ends the transaction's own backend from another connection, and waits until it is gone. */
async function kill(tx: Transaction): Promise<void> {
  const { pid } = await backend(tx);
  await database.sql`select pg_terminate_backend(${pid}, 10000)`;
}

async function backend(tx: Transaction): Promise<{ readonly pid: number }> {
  const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
  assert.ok(row);
  return row;
}

async function names(): Promise<string[]> {
  return (await database.sql<{ name: string }[]>`select name from thing order by name`).map(
    ({ name }) => name,
  );
}
