import { systemClock } from '@taika/runtime/clock';
import { connect, type Sql } from './connect.ts';
import { startTestCluster } from './test-database.ts';

/**
 * A process of its own that stops the tests' PostgreSQL when nobody has used it for a while, so that neither a finished
 * nor a killed test run leaves one behind, and the next run within that while finds it warm. Started by test-database.ts.
 */
const idleMsMax = 20_000;
const lookEveryMs = 1_000;
/** Databases of tests that were killed are dropped when they are older than any test runs. */
const abandonedAfterMs = 60 * 60_000;

await using cluster = await startTestCluster();
const sql = connect(cluster.url('postgres'), { max: 1, applicationName: 'taika janitor' });
try {
  await dropAbandoned(sql);
  for (let idleMs = 0; idleMs < idleMsMax; idleMs += lookEveryMs) {
    await systemClock.sleep(lookEveryMs);
    if (await isInUse(sql)) {
      idleMs = 0;
    }
  }
} catch {
  // The server is gone: somebody stopped or killed it, and there is nothing left to watch.
} finally {
  await sql.end({ timeout: 1 });
}

/** Besides this process's own two connections. A second janitor counts as nobody: the last of them stops the server. */
async function isInUse(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ others: bigint; janitors: bigint }[]>`
    select
      count(*) filter (where application_name <> 'taika janitor') as others,
      count(*) filter (where application_name = 'taika janitor') as janitors
    from pg_stat_activity
    where backend_type = 'client backend'`;
  // Each janitor also holds one keeper.
  return row !== undefined && row.others > row.janitors;
}

async function dropAbandoned(sql: Sql): Promise<void> {
  const rows = await sql<{ datname: string }[]>`
    select datname
    from pg_database
    where datname like 'test\\_%'`;
  for (const { datname } of rows) {
    const madeAtMs = Number.parseInt(datname.split('_')[1] ?? '', 36);
    if (Date.now() - madeAtMs > abandonedAfterMs) {
      await sql`drop database if exists ${sql(datname)} with (force)`;
    }
  }
}
