/**
 * What the books cost dispatching: the same load with the journal of points running, and with it held back (the row that
 * gives the right to journal is locked), by turns. One JSON line with the medians and their ratio. `--seconds N` (default
 * 8), `--terminals N` (default 64), `--rounds N` (default 5).
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { pause } from '../../programs/dispatch/test/support/grid.ts';
import { type BenchGrid, startBenchGrid, startWorkers } from '../dispatch/grid.ts';
import { runLoad } from '../dispatch/load.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    terminals: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '5' },
  },
});
const seconds = Number(values.seconds);
const unitsPerRequest = 8;
/** Node compiles hot functions again for tens of thousands of requests. */
const warmUpRequests = 10_000;
const requestsPerSecondMax = 9_000;

await using bench = await startBenchGrid();
const workers = await startWorkers(bench.grid, Number(values.terminals));
const found = { on: [] as number[], off: [] as number[] };
for (let round = 0; round < Number(values.rounds); round++) {
  const warmUp = round === 0 ? warmUpRequests : 1_000;
  const withBooks = async () => found.on.push(await measure(warmUp));
  const without = async () => found.off.push(await withoutJournal(bench, () => measure(warmUp)));
  // By turns, so that neither has the warmer process or the larger tables.
  for (const run of round % 2 === 0 ? [withBooks, without] : [without, withBooks]) {
    await journalIsEmpty(bench);
    await run();
  }
}
const [on, off] = [median(found.on), median(found.off)];
console.log(
  JSON.stringify({
    bench: 'dispatch-with-books',
    unitsPerRequest,
    unitsPerSecondOn: Math.round(on),
    unitsPerSecondOff: Math.round(off),
    dropPercent: Math.round((1 - on / off) * 1_000) / 10,
    loadAverage: loadavg()[0],
    cores: cpus().length,
  }),
);

async function measure(warmUp: number): Promise<number> {
  const units = (warmUp + 2_000 + seconds * requestsPerSecondMax) * unitsPerRequest;
  const jobId = await bench.submitLines(units);
  const figures = await runLoad({
    url: bench.server.url,
    workers,
    unitsPerRequest,
    warmUp: { requests: warmUp },
    measure: { ms: seconds * 1_000 },
  });
  await bench.clear([jobId]);
  return figures.units / figures.seconds;
}

/** What was held back while the journal stood still is not the next measurement's work. */
async function journalIsEmpty({ sql }: BenchGrid): Promise<void> {
  for (let left = 1; left > 0; await pause()) {
    const [row] = await sql<{ left: number }[]>`
      select (coalesce((select max(id) from points_entry), 0) - (select last_entry from points_position))::int as left
    `;
    left = row?.left ?? 0;
  }
}

/** Runs work while nobody may journal. */
async function withoutJournal<T>({ sql }: BenchGrid, work: () => Promise<T>): Promise<T> {
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>();
  const holding = sql.begin(async (tx) => {
    await tx`select from points_position for update`;
    hold();
    await isOver;
  });
  try {
    await isHeld;
    return await work();
  } finally {
    end();
    await holding;
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;
}
