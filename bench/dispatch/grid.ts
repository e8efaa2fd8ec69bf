import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Sql } from '@taika/database/connect';
import { startEmbeddedPostgres } from '@taika/database/embedded';
import type { JobId } from '@taika/protocol/schema';
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
  /** Submits a job of so many units of one short line each, and waits until it is split. */
  submitLines(units: number): Promise<JobId>;
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
    async submitLines(units) {
      const jobId = await grid.submit(shortLines(units), {
        split: { by: 'lines', records: 1 },
        merge: { by: 'lines' },
      });
      await grid.reach(jobId, 'running');
      return jobId;
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
