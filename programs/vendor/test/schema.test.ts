import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { dumpSchema } from '@taika/database/schema-dump';
import { createTestDatabase } from '@taika/database/test-database';
import { allMigrations } from '../src/migrations.ts';

const file = new URL('../schema.sql', import.meta.url);

test('schema.sql is what the migrations make', async () => {
  await using database = await createTestDatabase({ migrations: allMigrations });
  const text = await dumpSchema(database.sql);
  assert.equal(await readFile(file, 'utf8'), text, 'Run: node programs/vendor/test/write-schema.ts');
});
