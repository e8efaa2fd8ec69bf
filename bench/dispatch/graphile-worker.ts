import { join } from 'node:path';
import { connect } from '@taika/database/connect';
import { startEmbeddedPostgres } from '@taika/database/embedded';
import { Logger, run, runMigrations } from 'graphile-worker';

const jobs = 30_000;

/**
 * Jobs per second of graphile-worker with its local queue and batched completion, on the PostgreSQL in `directory`. In
 * one process and without HTTP, so it does less than the dispatch server does.
 */
export async function measureGraphileWorker(
  directory: string,
): Promise<{ unitsPerSecond: number; jobs: number }> {
  await using postgres = await startEmbeddedPostgres({ directory: join(directory, 'database') });
  await postgres.createDatabase('graphile');
  const connectionString = postgres.url('graphile');
  const logger = new Logger(() => () => {});
  await runMigrations({ connectionString, logger });
  const sql = connect(connectionString, { max: 2, applicationName: 'taika bench' });
  await sql`
    select count(*)
    from graphile_worker.add_jobs(
      array(select row('unit', '{}'::json, null, null, null, null, null, null)::graphile_worker.job_spec
            from generate_series(1, ${jobs}))
    )
  `;
  let done = 0;
  const startMs = performance.now();
  const { promise: allDone, resolve } = Promise.withResolvers<void>();
  const runner = await run({
    connectionString,
    logger,
    noHandleSignals: true,
    taskList: {
      unit: async () => {
        done += 1;
        if (done === jobs) {
          resolve();
        }
      },
    },
    preset: {
      worker: {
        concurrentJobs: 24,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  await allDone;
  const seconds = (performance.now() - startMs) / 1_000;
  await runner.stop();
  await sql.end();
  return { unitsPerSecond: Math.round(jobs / seconds), jobs };
}
