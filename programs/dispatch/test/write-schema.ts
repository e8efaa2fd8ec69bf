import { writeFile } from 'node:fs/promises';
import { dumpSchema } from '@taika/database/schema-dump';
import { createTestDatabase } from '@taika/database/test-database';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { dispatchMigrations } from '../src/migrations.ts';

/** Writes schema.sql anew after a migration was added. */
await using database = await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] });
await writeFile(new URL('../schema.sql', import.meta.url), await dumpSchema(database.sql));
