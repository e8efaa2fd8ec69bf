import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkServer, type ServerProcess } from '../../programs/dispatch/test/support/fork-server.ts';
import { createGrid, type TestGrid, type TestWorker } from '../../programs/dispatch/test/support/grid.ts';

/** A server process with its own durable PostgreSQL, as `taika dispatch serve` starts it, and parties on it. */
export interface BenchGrid extends AsyncDisposable {
  readonly directory: string;
  readonly server: ServerProcess;
  readonly grid: TestGrid;
}

/** Starts it in a new directory. */
export async function startBenchGrid(): Promise<BenchGrid> {
  await using started = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'taika-bench-'));
  started.defer(() => rm(directory, { recursive: true, force: true }));
  const server = started.use(await forkServer({ port: '0', data: directory, logLevel: 'warn' }));
  const grid = await createGrid(server.url, server.operatorKey);
  const running = started.move();
  return { directory, server, grid, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Registers terminals, each of a member of its own. */
export async function startWorkers(grid: TestGrid, count: number): Promise<TestWorker[]> {
  const workers: TestWorker[] = [];
  for (let nth = 0; nth < count; nth++) {
    workers.push(await grid.terminal());
  }
  return workers;
}

/** An input of `count` short lines. */
export function shortLines(count: number): string {
  return Array.from({ length: count }, (_, index) => `unit ${index}\n`).join('');
}
