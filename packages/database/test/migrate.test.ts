import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { connect, numericToBigint } from '@taika/database/connect';
import { MigrationError, migrate } from '@taika/database/migrate';
import { dumpSchema } from '@taika/database/schema-dump';
import { createTestDatabase } from '@taika/database/test-database';
import { inTransaction, isDuplicate } from '@taika/database/transaction';
import { waitForDatabase } from '@taika/database/wait-for-database';

async function withDirectory(
  work: (directory: string, write: (name: string, text: string) => Promise<void>) => Promise<void>,
) {
  const directory = await mkdtemp(join(tmpdir(), 'taika-migrate-'));
  try {
    await work(directory, (name, text) => writeFile(join(directory, name), text));
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('migrations are applied once, in order, by whichever replica comes first', () =>
  withDirectory(async (directory, write) => {
    await using database = await createTestDatabase();
    await write('0001-one.sql', 'create table one (id bigint primary key);');
    await write('0002-two.sql', 'create table two (id bigint references one);');
    const source = { component: 'a', directory };
    const applied = await Promise.all([migrate(database.sql, source), migrate(database.sql, source)]);
    assert.deepEqual(applied.flat().sort(), ['0001-one.sql', '0002-two.sql']);
    await write('0003-three.sql', 'alter table two add column name text;');
    assert.deepEqual(await migrate(database.sql, source), ['0003-three.sql']);
    assert.deepEqual(
      await migrate(database.sql, {
        component: 'b',
        directory: new URL(`file://${directory}/none/..`),
      }).catch((e) => e.message),
      'Migration 0001-one.sql of b failed and was undone: relation "one" already exists.',
    );
  }));

test('an edited, a missing, a late and a failing migration are refused in a sentence', () =>
  withDirectory(async (directory, write) => {
    await using database = await createTestDatabase();
    const source = { component: 'a', directory };
    await write('0001-one.sql', 'create table one (id bigint);');
    await migrate(database.sql, source);
    await write('0002-two.sql', 'create table two (id bigint); select 1/0;');
    await assert.rejects(
      migrate(database.sql, source),
      /0002-two.sql of a failed and was undone: division by zero/,
    );
    assert.deepEqual([...(await database.sql`select to_regclass('two') as two`)], [{ two: null }]);
    await write('0001-one.sql', 'create table one (id integer);');
    await assert.rejects(migrate(database.sql, source), /0001-one.sql of a was edited after it was applied/);
    await rm(join(directory, '0001-one.sql'));
    await assert.rejects(migrate(database.sql, source), MigrationError);
    await write('0002-again.sql', 'select 1;');
    await assert.rejects(migrate(database.sql, source), /"0002-two.sql" of a should be named like 0003-/);
    await rm(join(directory, '0002-again.sql'));
    await rm(join(directory, '0002-two.sql'));
    await assert.rejects(migrate(database.sql, source), /written by a newer version/);
  }));

test('numbers may have gaps, and a file that comes too late for its number is refused', () =>
  withDirectory(async (directory, write) => {
    await using database = await createTestDatabase();
    const source = { component: 'a', directory };
    await write('0001-one.sql', 'create table one (id bigint);');
    await write('0030-thirty.sql', 'create table thirty (id bigint);');
    assert.deepEqual(await migrate(database.sql, source), ['0001-one.sql', '0030-thirty.sql']);
    await write('0020-twenty.sql', 'create table twenty (id bigint);');
    await assert.rejects(
      migrate(database.sql, source),
      /0020-twenty.sql of a comes before 0030-thirty.sql, which is applied already/,
    );
    await rm(join(directory, '0020-twenty.sql'));
    await write('0031-more.sql', 'create table more (id bigint);');
    assert.deepEqual(await migrate(database.sql, source), ['0031-more.sql']);
  }));

test('a transaction that the database gives up is run again; one that fails is undone', async () => {
  await using database = await createTestDatabase();
  const { sql } = database;
  await sql`create table counter (id integer primary key, value bigint not null)`;
  await sql`insert into counter values (1, 0)`;
  const increment = () =>
    inTransaction(sql, 'serializable', async (tx) => {
      const [row] = await tx<{ value: bigint }[]>`select value from counter where id = 1`;
      await tx`update counter set value = ${(row?.value ?? 0n) + 1n} where id = 1`;
    });
  await Promise.all(Array.from({ length: 4 }, increment));
  const failing = inTransaction(sql, async (tx) => {
    await tx`update counter set value = 99`;
    await tx`insert into counter values (1, 0)`;
  });
  await assert.rejects(
    failing,
    (error) => isDuplicate(error, 'counter_pkey') && !isDuplicate(error, 'other'),
  );
  assert.deepEqual([...(await sql`select value from counter`)], [{ value: 4n }]);
});

test('values come back exact: bigint, sums, days, instants, bytes', async () => {
  await using database = await createTestDatabase();
  const [row] = await database.sql`
    select 9007199254740993::bigint as big_value, sum(x) as total, '2026-01-31'::date as day,
      '2026-01-31T00:00:00.123Z'::timestamptz as at, '\\x00ff'::bytea as bytes, '{"a_b": 1}'::jsonb as json
    from (values (9223372036854775807::bigint), (1::bigint)) v(x)`;
  assert.equal(row?.bigValue, 9007199254740993n);
  assert.equal(numericToBigint(row!.total), 9223372036854775808n);
  assert.equal(row?.day, '2026-01-31');
  assert.equal((row!.at as Date).toISOString(), '2026-01-31T00:00:00.123Z');
  assert.deepEqual([...(row!.bytes as Buffer)], [0, 255]);
  assert.deepEqual(row?.json, { a_b: 1 });
});

test('a database that cannot be used is explained in a sentence', async () => {
  await using database = await createTestDatabase();
  const missing = connect(database.url.replace(/[^/]+$/, 'nowhere'), { applicationName: 'test' });
  await assert.rejects(waitForDatabase(missing), /"nowhere" .* does not exist/);
  await missing.end();
  const wrong = connect(database.url.replace(/:[^:@]+@/, ':wrong@'), { applicationName: 'test' });
  await assert.rejects(waitForDatabase(wrong), /refused the user or password/);
  await wrong.end();
  const away = connect('postgres://a:b@127.0.0.1:1/x', { applicationName: 'test' });
  await assert.rejects(waitForDatabase(away, { timeoutMs: 1 }), /does not answer/);
  await away.end();
});

test('a schema is described as the same text each time', async () => {
  await using database = await createTestDatabase();
  await database.sql.unsafe(`
    create table part (
      id bigint generated always as identity primary key,
      name text not null default 'x' check (name <> ''),
      fuel numeric
    ) with (fillfactor=50);
    create index part_name on part (name);
    comment on index part_name is 'For the search by name.';
    create view big_part as select id from part where fuel > 10;
    create function one() returns int language sql as 'select 1';`);
  const text = await dumpSchema(database.sql);
  assert.equal(text, await dumpSchema(database.sql));
  for (const expected of [
    'create table part (\n  id bigint not null generated always as identity,\n  name text not null default',
    "constraint part_name_check CHECK ((name <> ''::text))",
    'with (fillfactor=50);',
    '-- For the search by name.\nCREATE INDEX part_name ON part USING btree (name);',
    'create view big_part as',
    'FUNCTION one()',
  ]) {
    assert.ok(text.includes(expected), text);
  }
});
