import { type StrategyName, strategies } from '@taika/trust/simulate/strategy';
import type { CheatGrid } from './cheat-grid.ts';
import { honestResult, inputOf } from './program.ts';
import type { CheatTerminal, TerminalTrait } from './terminal.ts';

/** One cell of the grid: a pool of which some cheat by one strategy, and one job. */
export interface Cell {
  readonly strategy: StrategyName;
  readonly units: number;
  readonly terminals: number;
  /** How many of them cheat. */
  readonly cheats: number;
}

export interface CellOutcome {
  readonly cell: Cell;
  readonly jobId: string;
  /** The merged output as the customer got it, and as it should be. */
  readonly result: string;
  readonly expected: string;
  readonly terminals: readonly CheatTerminal[];
  readonly seconds: number;
}

/** Runs a cell to its job's end. One honest terminal has a bad line, one is slow. */
export async function runCell(grid: CheatGrid, cell: Cell): Promise<CellOutcome> {
  const startMs = performance.now();
  const terminals: CheatTerminal[] = [];
  for (const trait of traitsOf(cell)) terminals.push(await grid.join(trait));
  const jobId = await grid.customer.submit(inputOf(cell.units), {
    split: { by: 'lines', records: 1 },
    merge: { by: 'lines' },
  });
  const over = new AbortController();
  const working = Promise.all(terminals.map((terminal) => terminal.work(over.signal)));
  await Promise.race([
    grid.customer.reach(jobId, 'done'),
    // Work ends only when it is told to, or by a mistake, which then must be seen.
    working.then(() => Promise.reject(new Error('Every terminal was revoked before the job was done.'))),
  ]);
  over.abort();
  await working;
  const result = await grid.customer.result(jobId);
  const seconds = (performance.now() - startMs) / 1000;
  return { cell, jobId, result, expected: honestResult(cell.units), terminals, seconds };
}

function traitsOf({ strategy, terminals, cheats }: Cell): TerminalTrait[] {
  return Array.from({ length: terminals }, (_, nth) => {
    // Cheats are spread evenly, as they join among the others.
    const isCheat = nth % Math.ceil(terminals / Math.max(1, cheats)) === 1 && strategy !== 'honest';
    if (isCheat) return { strategy: strategies[strategy], isCheat: !strategies[strategy].isFault };
    return { strategy: strategies.honest, isCheat: false, hasBadLine: nth === 2, isSlow: nth === 3 };
  });
}
