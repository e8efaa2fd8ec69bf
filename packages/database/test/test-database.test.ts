import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { createTestDatabase } from '@taika/database/test-database';

test('a test database has the migrations of its template and nothing of another test', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'taika-migrations-'));
  await writeFile(join(directory, '0001-init.sql'), 'create table thing (id bigint primary key);');
  const migrations = [{ component: 'example', directory }];
  try {
    await using first = await createTestDatabase({ migrations });
    await first.sql`insert into thing values (1)`;
    await using second = await createTestDatabase({ migrations });
    assert.deepEqual([...(await second.sql`select * from thing`)], []);
    assert.notEqual(first.url, second.url);
  } finally {
    await rm(directory, { recursive: true });
  }
});
