import { connect } from '@taika/database/connect';
import { type MigrationSource, migrate } from '@taika/database/migrate';
import { waitForDatabase } from '@taika/database/wait-for-database';
import { grantWriter } from './grant-writer.ts';

/** Migrates a database as the role in its URL, and grants a server's role its rights where one is named; gives what was applied. */
export async function migrateAs(
  databaseUrl: string,
  {
    migrations,
    writer,
    applicationName,
  }: {
    readonly migrations: readonly MigrationSource[];
    readonly writer: string | undefined;
    readonly applicationName: string;
  },
): Promise<string[]> {
  const sql = connect(databaseUrl, { max: 2, applicationName });
  try {
    await waitForDatabase(sql);
    const applied: string[] = [];
    for (const source of migrations) {
      applied.push(...(await migrate(sql, source)).map((name) => `${source.component}/${name}`));
    }
    if (writer !== undefined) {
      await grantWriter(sql, writer);
    }
    return applied;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
