import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Sql } from '@taika/database/connect';
import { startEmbeddedPostgres } from '@taika/database/embedded';
import type { JobId } from '@taika/protocol/schema';
import type { PricedLevel } from '@taika/protocol/trust-prices';
import { forkServer, type ServerProcess } from '../../programs/dispatch/test/support/fork-server.ts';
import {
  createGrid,
  pause,
  type TestGrid,
  type TestWorker,
} from '../../programs/dispatch/test/support/grid.ts';

/** A server process with its own durable PostgreSQL, as `taika dispatch serve` starts it, and parties on it. */
export interface BenchGrid extends AsyncDisposable {
  readonly directory: string;
  readonly server: ServerProcess;
  readonly grid: TestGrid;
  /** The server's database. */
  readonly sql: Sql;
  readonly postmasterPid: number;
  /** Submits a job of so many units of one short line each, and waits until it is split. Plain: each result as it comes. */
  submitLines(units: number, level?: PricedLevel): Promise<JobId>;
  /** Gives terminals a history of a thousand passed audits each, as those of a pool that is no longer young. */
  trust(workers: readonly TestWorker[]): Promise<void>;
  /** Units of a job that have a first result, units of copies, and results that were decided about and that were not yet. */
  progress(jobId: JobId): Promise<{
    readonly unitsDone: number;
    readonly copies: number;
    readonly decided: number;
    readonly undecided: number;
  }>;
  /** Cancels jobs and waits until nothing of theirs is out. */
  clear(jobIds: readonly JobId[]): Promise<void>;
}

/** Starts it in a new directory. */
export async function startBenchGrid(): Promise<BenchGrid> {
  await using started = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'taika-bench-'));
  started.defer(() => rm(directory, { recursive: true, force: true }));
  const server = started.use(await forkServer({ port: '0', data: directory, logLevel: 'warn' }));
  const database = join(directory, 'database');
  const postgres = started.use(await startEmbeddedPostgres({ directory: database }));
  const sql = connect(postgres.url('dispatch'), { max: 2, applicationName: 'taika bench' });
  started.defer(() => sql.end({ timeout: 1 }));
  const grid = await createGrid(server.url, server.operatorKey);
  const postmasterPid = await readPostmasterPid(sql);
  const running = started.move();
  return {
    directory,
    server,
    grid,
    sql,
    postmasterPid,
    async submitLines(units, level = 'plain') {
      const jobId = await grid.submit(shortLines(units), {
        split: { by: 'lines', records: 1 },
        merge: { by: 'lines' },
        // Named, so that this stays the plain path whatever a job without a word about trust becomes.
        ...(level === 'plain' ? { copies: 1 } : { trust: level }),
      });
      await grid.reach(jobId, 'running');
      return jobId;
    },
    async trust(workers) {
      for (const { terminalId } of workers) {
        await sql`
          insert into terminal_trust
            (terminal_number, member_number, network, week, standing, is_decoy, probation_passed, passed, drawn, reentries, active_at)
          select number, member_number, 0, 0, 'trusted', false, 20, 1000, 1000, 0, now()
          from terminal
          where id = ${terminalId}
          on conflict (terminal_number) do nothing
        `;
      }
    },
    async progress(jobId) {
      const [row] = await sql<{ unitsDone: number; copies: number; decided: number; undecided: number }[]>`
        select c.units_done,
               (
                 select count(*)::int from trust_run r where r.job_number = c.job_number and r.state <> 'committed'
               ) as decided,
               (select coalesce(sum(result_units), 0)::int from audit a where a.job_number = c.job_number) as copies,
               (
                 select count(*)::int from trust_run r where r.job_number = c.job_number and r.state = 'committed'
               ) as undecided
        from job_cursor c
        join job on job.number = c.job_number
        where job.id = ${jobId}
      `;
      return row ?? { unitsDone: 0, copies: 0, decided: 0, undecided: 0 };
    },
    async clear(jobIds) {
      for (const jobId of jobIds) {
        await grid.cancel(jobId);
      }
      for (let left = 1; left > 0; await pause()) {
        const [row] = await sql<{ left: number }[]>`
          select ((select count(*) from assignment) + (select count(*) from feeder_block))::int as left
        `;
        left = row?.left ?? 0;
      }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Registers terminals, each of a member of its own. */
export async function startWorkers(grid: TestGrid, count: number): Promise<TestWorker[]> {
  const workers: TestWorker[] = [];
  for (let nth = 0; nth < count; nth++) {
    workers.push(await grid.terminal());
  }
  return workers;
}

async function readPostmasterPid(sql: Sql): Promise<number> {
  const [row] = await sql<{ directory: string }[]>`select current_setting('data_directory') as directory`;
  const file = await readFile(join(row?.directory ?? '', 'postmaster.pid'), 'utf8');
  return Number.parseInt(file, 10);
}

/** An input of `count` short lines. */
function shortLines(count: number): string {
  return Array.from({ length: count }, (_, index) => `unit ${index}\n`).join('');
}
