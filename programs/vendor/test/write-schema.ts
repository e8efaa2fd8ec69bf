import { writeFile } from 'node:fs/promises';
import { dumpSchema } from '@taika/database/schema-dump';
import { createTestDatabase } from '@taika/database/test-database';
import { allMigrations } from '../src/migrations.ts';

/** Writes schema.sql anew after a migration was added. */
await using database = await createTestDatabase({ migrations: allMigrations });
await writeFile(new URL('../schema.sql', import.meta.url), await dumpSchema(database.sql));
