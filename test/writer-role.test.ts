/** Servers that connect as a role which can add to the books and change nothing in them, as docs/OPERATING.md says. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type Sql } from '@taika/database/connect';
import { createTestDatabase, type TestDatabase } from '@taika/database/test-database';
import { createGrid } from '../programs/dispatch/test/support/grid.ts';
import { startTestDispatch } from '../programs/dispatch/test/support/test-dispatch.ts';
import { createTerminal, startFixture } from '../programs/vendor/test/fixture.ts';
import { succeeded, taika } from './run-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

for (const program of ['dispatch', 'vendor'] as const) {
  describe(`the ${program} server as a writer`, () => {
    let database: TestDatabase;
    let writerUrl: string;
    let sql: Sql;
    const role = `writer_${crypto.randomUUID().slice(0, 8)}`;

    before(async () => {
      database = await createTestDatabase();
      await database.sql.unsafe(`create role ${role} login password 'secret'`);
      const url = new URL(database.url);
      url.username = role;
      url.password = 'secret';
      writerUrl = url.href;
      sql = connect(writerUrl, { max: 1, applicationName: 'taika test' });
    });
    after(async () => {
      await sql.end({ timeout: 5 });
      await database.sql`drop owned by ${database.sql(role)}`;
      await database.sql`drop role ${database.sql(role)}`;
      await database[Symbol.asyncDispose]();
    });

    const migrate = (...words: readonly string[]) =>
      taika([program, 'migrate', '--database-url', database.url, ...words]);
    /** Ends at once, because something is in the way. */
    const serve = async () => {
      await using folder = await temporaryFolder('writer');
      const words = ['--database-url', writerUrl, '--data', folder.path, '--port', '0'];
      const others = program === 'vendor' ? ['--dispatch-url', 'http://127.0.0.1:9'] : [];
      return taika([program, 'serve', ...words, ...others]);
    };

    test('says what to do where the database is not up to date', async () => {
      const told = await serve();
      assert.notEqual(told.code, 0);
      assert.match(told.stderr, new RegExp(`the role "${role}".*may not change tables`));
      assert.match(told.stderr, new RegExp(`taika ${program} migrate.*--writer ${role}`));
      assert.doesNotMatch(told.stderr, /PostgresError/);
      const nameless = await taika([program, 'migrate']);
      assert.deepEqual(
        [nameless.code, nameless.stderr.includes('--database-url')],
        [2, true],
        nameless.stderr,
      );
    });

    test('migrating is a command of its own, done once', async () => {
      const { applied } = JSON.parse(succeeded(await migrate('--json')));
      assert.ok(applied.includes('ledger/0001-books.sql'));
      const unknown = await migrate('--writer', 'nobody_at_all');
      assert.match(unknown.stderr, /no role "nobody_at_all"/);
      assert.match((await serve()).stderr, /may not read which it has/);
      const granted = JSON.parse(succeeded(await migrate('--writer', role, '--json')));
      assert.deepEqual(granted, { applied: [], writer: role });
      assert.match(succeeded(await migrate()), /up to date/);
      const owner = new URL(database.url).username;
      assert.match((await migrate('--writer', owner)).stderr, /is who migrates/);
    });

    test('serves, takes work, and cannot change what is in the books', async () => {
      if (program === 'dispatch') {
        await using dispatch = await startTestDispatch({ databaseUrl: writerUrl });
        const grid = await createGrid(dispatch.url, dispatch.operatorKey);
        const job = await grid.submit('a\nb\n', {
          split: { by: 'lines', records: 1 },
          merge: { by: 'lines' },
        });
        await grid.reach(job, 'running');
      } else {
        await using fixture = await startFixture({ databaseUrl: writerUrl });
        await fixture.addProduct('editor');
        const registration = await (await createTerminal(fixture)).register('editor');
        assert.equal(registration.state, 'issued');
      }
      for (const statement of [
        'update ledger.journal set at = now()',
        'delete from ledger.journal',
        'truncate ledger.posting cascade',
        'update ledger.posting set amount = 1',
        'delete from ledger.seal',
        'update ledger.statement set body = body',
        'alter table ledger.journal disable trigger all',
        'delete from migration',
        'create table ledger.mine (id bigint)',
      ]) {
        await assert.rejects(sql.unsafe(statement), { code: '42501' }, statement);
      }
    });

    test('a newer version’s migrations are not applied by it', async () => {
      await database.sql`
        delete from migration
        where (component, number) = (
          select component, number
          from migration
          where component = ${program}
          order by number desc
          limit 1
        )`;
      const told = await serve();
      assert.notEqual(told.code, 0);
      assert.match(told.stderr, new RegExp(`lacks migrations of ${program}[^]*taika ${program} migrate`));
    });
  });
}
