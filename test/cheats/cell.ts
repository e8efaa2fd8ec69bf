import { type Strategy, strategies } from '@taika/trust/simulate/strategy';
import type { TrustLevelName } from '@taika/trust/trust-level';
import type { CheatGrid } from './cheat-grid.ts';
import { honestResult, inputOf } from './program.ts';
import type { CheatTerminal, TerminalTrait } from './terminal.ts';

/** One cell of the grid: a pool of which some cheat, and one job. */
export interface Cell {
  readonly name: string;
  readonly units: number;
  readonly terminals: number;
  /** The strategies of those that cheat, or whose hardware does. */
  readonly cheats: readonly Strategy[];
  /** Default: standard. */
  readonly level?: TrustLevelName;
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
  const join = async (trait: TerminalTrait) => {
    const terminal = await grid.join(trait);
    terminals.push(terminal);
    return terminal;
  };
  const first: CheatTerminal[] = [];
  for (const trait of traitsOf(cell)) first.push(await join(trait));
  const jobId = await grid.customer.submit(inputOf(cell.units), {
    split: { by: 'lines', records: 1 },
    merge: { by: 'lines' },
    trust: cell.level ?? 'standard',
  });
  const over = new AbortController();
  const referring = grid.reference.work(over.signal);
  const working = Promise.all(first.map((terminal) => workAndReturn(terminal, join, over.signal)));
  await Promise.race([
    grid.customer.reach(jobId, 'done'),
    // Work ends only when it is told to, or by a mistake, which then must be seen.
    working.then(() => Promise.reject(new Error('Every terminal was revoked before the job was done.'))),
    referring.then(() => Promise.reject(new Error('The reference executor has stopped.'))),
  ]);
  over.abort();
  await Promise.all([working, referring]);
  const result = await grid.customer.result(jobId);
  const seconds = (performance.now() - startMs) / 1000;
  return { cell, jobId, result, expected: honestResult(cell.units), terminals, seconds };
}

/** Works; a cheat that whitewashes comes back as somebody else when it was revoked, a few times. */
async function workAndReturn(
  first: CheatTerminal,
  join: (trait: TerminalTrait) => Promise<CheatTerminal>,
  signal: AbortSignal,
): Promise<void> {
  let terminal = first;
  for (let identities = 1; ; identities++) {
    await terminal.work(signal);
    const returns = terminal.isRevoked && terminal.strategy.whitewashes && identities < identitiesMax;
    if (!returns || signal.aborted) return;
    const { strategy, isCheat } = terminal;
    terminal = await join({ strategy, isCheat });
  }
}

function traitsOf({ terminals, cheats }: Cell): TerminalTrait[] {
  const every = Math.floor(terminals / Math.max(1, cheats.length));
  return Array.from({ length: terminals }, (_, nth) => {
    // Spread evenly, as they join among the others.
    const strategy = nth % every === 0 ? cheats[nth / every] : undefined;
    if (strategy !== undefined) return { strategy, isCheat: !strategy.isFault };
    return {
      strategy: strategies.honest,
      isCheat: false,
      hasBadLine: nth === badLineAt,
      isSlow: nth === slowAt,
    };
  });
}

const identitiesMax = 4;
/** Places that are an honest terminal's in every cell: no cheat sits at an odd place next to the first. */
const badLineAt = 1;
const slowAt = 3;
