/**
 * Processor time of the server for a unit handed out and accepted, in jobs of 10^4, 10^5 and 10^6 units: flat, or the
 * design is wrong. One JSON line each.
 * `--seconds N` for each (default 6).
 */
import { parseArgs } from 'node:util';
import { shortLines, startBenchGrid, startWorkers } from './grid.ts';
import { runLoad } from './load.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '6' } } });
const measureMs = Number(values.seconds) * 1_000;
/** Few enough a call that the smallest job lasts: about 1,500 calls a second. */
const unitsPerRequest = 1;

await using bench = await startBenchGrid();
const { server, grid } = bench;
const workers = await startWorkers(grid, 8);
let smallest: number | undefined;
for (const units of [10_000, 100_000, 1_000_000]) {
  const jobId = await grid.submit(shortLines(units), {
    split: { by: 'lines', records: 1 },
    merge: { by: 'lines' },
  });
  await grid.reach(jobId, 'running');
  const unitsBefore = (await grid.read(jobId)).units.done;
  const before = await server.usage();
  const startMs = performance.now();
  const { latencyMsMedian } = await runLoad({
    url: server.url,
    workers,
    unitsPerRequest,
    warmUpMs: 500,
    measureMs,
  });
  const seconds = (performance.now() - startMs) / 1_000;
  const after = await server.usage();
  const accepted = (await grid.read(jobId)).units.done - unitsBefore;
  await grid.cancel(jobId);
  const microsecondsPerUnit = ((after.cpuSeconds - before.cpuSeconds) * 1e6) / accepted;
  smallest ??= microsecondsPerUnit;
  console.log(
    JSON.stringify({
      bench: 'dispatch-flatness',
      unitsInJob: units,
      accepted,
      unitsPerSecond: Math.round(accepted / seconds),
      serverCpuMicrosecondsPerUnit: Math.round(microsecondsPerUnit),
      toSmallest: Math.round((microsecondsPerUnit / smallest) * 100) / 100,
      latencyMsMedian,
    }),
  );
}
