/**
 * Mean and spread of the ensemble for each day: `node examples/weather/src/summarise.ts result.csv > summary.csv`.
 * Reads the merged result line by line and holds two sums for each day and variable.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { variables } from './lorenz-96.ts';

/** One day of the forecast. */
export interface DaySummary {
  readonly day: number;
  readonly members: number;
  /** Average over the circle of the ensemble's mean. */
  readonly mean: number;
  /** Root mean square over the circle of the ensemble's standard deviation: how unsure the forecast is. */
  readonly spread: number;
}

/** Summaries in the order of days. Throws where a line does not have a member, a day and 40 numbers. */
export async function summarise(lines: AsyncIterable<string> | Iterable<string>): Promise<DaySummary[]> {
  const days = new Map<number, DaySums>();
  let isHeader = true;
  for await (const line of lines) {
    if (isHeader || line === '') {
      isHeader = false;
      continue;
    }
    const [, day, ...values] = line.split(',');
    if (values.length !== variables) throw new Error(`Not a line of a forecast: ${line}`);
    const sums = days.get(Number(day)) ?? {
      members: 0,
      sum: new Float64Array(variables),
      squares: new Float64Array(variables),
    };
    days.set(Number(day), sums);
    sums.members += 1;
    for (const [i, text] of values.entries()) {
      const value = Number(text);
      sums.sum[i] = (sums.sum[i] ?? 0) + value;
      sums.squares[i] = (sums.squares[i] ?? 0) + value * value;
    }
  }
  return [...days].sort(([a], [b]) => a - b).map(([day, sums]) => summaryOf(day, sums));
}

interface DaySums {
  members: number;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

function summaryOf(day: number, { members, sum, squares }: DaySums): DaySummary {
  let mean = 0;
  let variance = 0;
  for (let i = 0; i < variables; i++) {
    const average = (sum[i] ?? 0) / members;
    mean += average / variables;
    if (members > 1)
      variance += ((squares[i] ?? 0) - members * average * average) / (members - 1) / variables;
  }
  return { day, members, mean, spread: Math.sqrt(Math.max(0, variance)) };
}

if (import.meta.main) {
  const path = process.argv[2];
  if (path === undefined) {
    console.error('Usage: node summarise.ts result.csv > summary.csv');
    process.exit(2);
  }
  const summaries = await summarise(
    createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY }),
  );
  console.log('day,members,mean,spread');
  for (const { day, members, mean, spread } of summaries)
    console.log(`${day},${members},${mean.toFixed(4)},${spread.toFixed(4)}`);
}
