/**
 * Units handed out and accepted per second through HTTP, everything on: sessions, standing, points, durable commits.
 * Server, PostgreSQL and load generator share this machine, and beside them run the disk's own syncs and graphile-worker's
 * batched mode on the same PostgreSQL. One JSON line each. `--seconds N` (default 8), `--terminals N` (default 64),
 * `--units 1,8,32` for each request, `--trust plain,standard` for jobs of these trust levels: terminals then have a history, some of
 * their requests are for copies, and `toPlain` is how many first results a second there are for each of a plain job.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type PricedLevel, pricedLevels } from '@taika/protocol/trust-prices';
import { measureGraphileWorker } from './graphile-worker.ts';
import { startBenchGrid, startWorkers } from './grid.ts';
import { runLoad } from './load.ts';
import { measureFdatasync } from './physical-limit.ts';
import { readUsage, type Usage, usedBetween } from './usage.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    terminals: { type: 'string', default: '64' },
    units: { type: 'string', default: '1,8,32' },
    trust: { type: 'string', default: 'plain' },
  },
});
const seconds = Number(values.seconds);
const levels = values.trust.split(',').map(readLevel);
/** Node compiles hot functions again for tens of thousands of requests; a server that has just started costs three times as much. */
const warmUpRequests = 20_000;
/** Between two measurements. */
const settleRequests = 2_000;
/** More than any machine this ran on answered, so that the job lasts. */
const requestsPerSecondMax = 15_000;
const unitsPerSecondMax = 250_000;

await using bench = await startBenchGrid();
const { server, grid, directory } = bench;
const workers = await startWorkers(grid, Number(values.terminals));
await bench.trust(workers);
for (const level of levels) {
  await warmUp(level);
}
const rows: Record<string, unknown>[] = [];
for (const unitsPerRequest of values.units.split(',').map(Number)) {
  let plain: number | undefined;
  for (const level of levels) {
    const row = await measure(unitsPerRequest, level);
    plain ??= level === 'plain' ? row.unitsPerSecond : undefined;
    rows.push({ ...row, ...(plain === undefined ? {} : { toPlain: round(row.unitsPerSecond / plain, 3) }) });
  }
}
const rival = await measureGraphileWorker(directory);
for (const row of rows) {
  print({ ...row, toGraphileWorker: round(Number(row.unitsPerSecond) / rival.unitsPerSecond, 1) });
}
print({ bench: 'graphile-worker', ...rival });

async function measure(unitsPerRequest: number, level: PricedLevel) {
  const requests =
    settleRequests + seconds * Math.min(requestsPerSecondMax, unitsPerSecondMax / unitsPerRequest);
  const jobId = await bench.submitLines(Math.ceil(requests * unitsPerRequest), level);
  const loadAverage = loadavg()[0] ?? 0;
  const fdatasyncPerSecond = await measureFdatasync(directory);
  const marks: (Usage & Awaited<ReturnType<typeof bench.progress>>)[] = [];
  const figures = await runLoad({
    url: server.url,
    workers,
    unitsPerRequest,
    warmUp: { requests: settleRequests },
    measure: { ms: seconds * 1_000 },
    onMark: async () => void marks.push({ ...(await bench.progress(jobId)), ...(await readUsage(bench)) }),
  });
  const [before, after] = marks;
  if (before === undefined || after === undefined) {
    throw new Error('The load ended before it was measured.');
  }
  await bench.clear([jobId]);
  // A copy is acknowledged like any result: with a level, first results are counted by the job.
  const units = level === 'plain' ? figures.units : after.unitsDone - before.unitsDone;
  return {
    bench: 'dispatch-throughput',
    trust: level,
    unitsPerRequest,
    terminals: workers.length,
    ...describe({ ...figures, units }, usedBetween(before, after)),
    ...(level === 'plain'
      ? {}
      : {
          copiesPerUnit: round((after.copies - before.copies) / Math.max(1, units), 3),
          // One loop decides. Where it falls behind, this is what it does alone, and the copies it orders are too few.
          resultsDecidedPerSecond: Math.round((after.decided - before.decided) / figures.seconds),
          undecidedAtEnd: after.undecided,
        }),
    fdatasyncPerSecond,
    loadAverage,
  };
}

async function warmUp(level: PricedLevel): Promise<void> {
  const unitsPerRequest = 8;
  const jobId = await bench.submitLines((warmUpRequests + 3_000) * unitsPerRequest, level);
  const none = { units: 0 };
  await runLoad({
    url: server.url,
    workers,
    unitsPerRequest,
    warmUp: { requests: warmUpRequests },
    measure: none,
  });
  await bench.clear([jobId]);
}

function readLevel(text: string): PricedLevel {
  const level = pricedLevels.find((each) => each === text);
  if (level === undefined) {
    throw new Error(`--trust names "${text}": levels are ${pricedLevels.join(', ')}.`);
  }
  return level;
}

function describe(
  { requests, units, seconds, ...latency }: Awaited<ReturnType<typeof runLoad>>,
  used: Usage,
) {
  const microseconds = (cpuSeconds: number, count: number) => round((cpuSeconds * 1e6) / count, 1);
  return {
    unitsPerSecond: Math.round(units / seconds),
    requestsPerSecond: Math.round(requests / seconds),
    ...latency,
    serverMicrosecondsPerRequest: microseconds(used.server, requests),
    postgresMicrosecondsPerRequest: microseconds(used.postgres, requests),
    generatorMicrosecondsPerRequest: microseconds(used.generator, requests),
    serverMicrosecondsPerUnit: microseconds(used.server, units),
    serverAndPostgresMicrosecondsPerUnit: microseconds(used.server + used.postgres, units),
    requestsPerCommit: round(requests / used.commits, 1),
    walSyncsPerSecond: Math.round(used.walSyncs / seconds),
    walBytesPerUnit: Math.round(used.walBytes / units),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function print(figures: object): void {
  console.log(JSON.stringify({ ...figures, cores: cpus().length }));
}
