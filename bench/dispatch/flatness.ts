/**
 * Processor time of server and PostgreSQL for a unit handed out and accepted, in jobs of 10^4, 10^5 and 10^6 units: flat,
 * or the design is wrong. The jobs are measured in turns, in mixed order, so that whatever else the machine does falls on
 * all alike; each size takes its median turn. One JSON line each. `--rounds N` (default 5), `--terminals N` (default 64).
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startBenchGrid, startWorkers } from './grid.ts';
import { runLoad } from './load.ts';
import { readUsage, type Usage, usedBetween } from './usage.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, terminals: { type: 'string', default: '64' } },
});
const rounds = Number(values.rounds);
const sizes = [10_000, 100_000, 1_000_000];
const unitsPerRequest = 4;
/** In each turn. What is left of the smallest job suffices for windows and runs that are out at its end. */
const settleUnits = 500;
const measuredUnits = 7_000;
/** Of the server, before the first turn. */
const warmUpRequests = 20_000;

await using bench = await startBenchGrid();
const { server, grid } = bench;
const workers = await startWorkers(grid, Number(values.terminals));
await turn(warmUpRequests * unitsPerRequest + settleUnits + 20_000, warmUpRequests * unitsPerRequest);
const turns = new Map<number, number[]>(sizes.map((size) => [size, []]));
for (let round = 0; round < rounds; round++) {
  for (let nth = 0; nth < sizes.length; nth++) {
    const size = sizes[(nth + round) % sizes.length] ?? 0;
    turns.get(size)?.push(await turn(size, measuredUnits));
  }
}
const smallest = median(turns.get(sizes[0] ?? 0) ?? []);
for (const [unitsInJob, microseconds] of turns) {
  const middle = median(microseconds);
  console.log(
    JSON.stringify({
      bench: 'dispatch-flatness',
      unitsInJob,
      unitsMeasured: rounds * measuredUnits,
      serverAndPostgresMicrosecondsPerUnit: round1(middle),
      turns: microseconds.map(round1),
      toSmallest: Math.round((middle / smallest) * 100) / 100,
      loadAverage: loadavg()[0],
    }),
  );
}

/** Microseconds for each of `units` units of a new job. */
async function turn(unitsInJob: number, units: number): Promise<number> {
  const jobId = await bench.submitLines(unitsInJob);
  const marks: Usage[] = [];
  const figures = await runLoad({
    url: server.url,
    workers,
    unitsPerRequest,
    warmUp: { units: settleUnits },
    measure: { units },
    onMark: async () => void marks.push(await readUsage(bench)),
  });
  await bench.clear([jobId]);
  const [before, after] = marks;
  if (before === undefined || after === undefined) {
    throw new Error('The load ended before it was measured.');
  }
  const used = usedBetween(before, after);
  return ((used.server + used.postgres) * 1e6) / figures.units;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
