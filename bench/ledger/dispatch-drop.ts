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
import { readUsage, type Usage, usedBetween } from '../dispatch/usage.ts';

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
const found = { on: [] as Measured[], off: [] as Measured[] };
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
const of = (runs: readonly Measured[], name: keyof Measured) => median(runs.map((run) => run[name]));
const [on, off] = [of(found.on, 'unitsPerSecond'), of(found.off, 'unitsPerSecond')];
const [costOn, costOff] = [of(found.on, 'processorMicroseconds'), of(found.off, 'processorMicroseconds')];
console.log(
  JSON.stringify({
    bench: 'dispatch-with-books',
    unitsPerRequest,
    unitsPerSecondOn: Math.round(on),
    unitsPerSecondOff: Math.round(off),
    dropPercent: percent(1 - on / off),
    // Of server, database and load together: what a drop comes to where processors are the limit, whatever else ran meanwhile.
    processorMicrosecondsPerUnitOn: Math.round(costOn * 10) / 10,
    processorMicrosecondsPerUnitOff: Math.round(costOff * 10) / 10,
    processorDropPercent: percent(1 - costOff / costOn),
    loadAverage: loadavg()[0],
    cores: cpus().length,
  }),
);

/** One run. */
interface Measured {
  readonly unitsPerSecond: number;
  readonly processorMicroseconds: number;
}

function percent(part: number): number {
  return Math.round(part * 1_000) / 10;
}

async function measure(warmUp: number): Promise<Measured> {
  const units = (warmUp + 2_000 + seconds * requestsPerSecondMax) * unitsPerRequest;
  const jobId = await bench.submitLines(units);
  const marks: Usage[] = [];
  const figures = await runLoad({
    url: bench.server.url,
    workers,
    unitsPerRequest,
    warmUp: { requests: warmUp },
    measure: { ms: seconds * 1_000 },
    onMark: async () => void marks.push(await readUsage(bench)),
  });
  await bench.clear([jobId]);
  const [before, after] = marks;
  if (before === undefined || after === undefined) {
    throw new Error('The load ended before it was measured.');
  }
  const { server, postgres, generator } = usedBetween(before, after);
  return {
    unitsPerSecond: figures.units / figures.seconds,
    processorMicroseconds: ((server + postgres + generator) * 1e6) / figures.units,
  };
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
