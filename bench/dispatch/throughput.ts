/**
 * Units handed out and accepted per second through HTTP, everything on: sessions, standing, points, durable commits.
 * Server, PostgreSQL and load generator share this machine. Beside it, graphile-worker's own batched mode on the same
 * PostgreSQL. One JSON line each. `--seconds N` (default 8), `--terminals N` (default 16).
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureGraphileWorker } from './graphile-worker.ts';
import { shortLines, startBenchGrid, startWorkers } from './grid.ts';
import { runLoad } from './load.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '8' }, terminals: { type: 'string', default: '16' } },
});
const measureMs = Number(values.seconds) * 1_000;

await using bench = await startBenchGrid();
const { server, grid, directory } = bench;
const workers = await startWorkers(grid, Number(values.terminals));
for (const unitsPerRequest of [1, 8, 32]) {
  const units = Math.ceil((measureMs / 1_000 + 3) * 4_500 * unitsPerRequest);
  const jobId = await grid.submit(shortLines(units), {
    split: { by: 'lines', records: 1 },
    merge: { by: 'lines' },
  });
  await grid.reach(jobId, 'running');
  const before = await server.usage();
  const figures = await runLoad({ url: server.url, workers, unitsPerRequest, warmUpMs: 2_000, measureMs });
  const after = await server.usage();
  await grid.cancel(jobId);
  print({
    bench: 'dispatch-throughput',
    unitsPerRequest,
    terminals: workers.length,
    ...figures,
    serverCpuCores:
      Math.round(((after.cpuSeconds - before.cpuSeconds) / (measureMs / 1_000 + 2)) * 100) / 100,
  });
}
print({ bench: 'graphile-worker', ...(await measureGraphileWorker(directory)) });

function print(figures: object): void {
  console.log(JSON.stringify({ ...figures, cores: cpus().length }));
}
