/** The tables of docs/TRUST.md, made from a full grid, so that what the page says was measured by what is here. */
import type { SimulationReport } from './report.ts';
import type { RivalName, RivalReport } from './rivals/rival.ts';
import type { StrategyName } from './strategy.ts';

/** What a full run gives. */
export interface FullGrid {
  readonly grid: readonly SimulationReport[];
  readonly rivals: readonly RivalReport[];
  readonly sweeps: {
    readonly standard: readonly SimulationReport[];
    readonly high: readonly SimulationReport[];
  };
  readonly levels: readonly SimulationReport[];
  readonly pools: readonly SimulationReport[];
}

/** Replaces each table of the page that follows a line `<!-- measured: NAME -->`. Throws when the page lacks one. */
export function replaceTables(page: string, full: FullGrid): string {
  return Object.entries(measuredTables(full)).reduce((text, [name, rows]) => {
    const marker = `<!-- measured: ${name} -->\n`;
    const from = text.indexOf(marker);
    if (from < 0) throw new Error(`The page has no line ${marker.trim()}.`);
    const start = from + marker.length;
    // A table ends with the first empty line.
    const end = text.indexOf('\n\n', start);
    return `${text.slice(0, start)}${rows.join('\n')}${text.slice(end)}`;
  }, page);
}

function measuredTables(full: FullGrid): Record<string, string[]> {
  return {
    rivals: rivalRows(full),
    'grid 5': gridRows(full.grid, 0.05),
    'grid 20': gridRows(full.grid, 0.2),
    'grid 1': gridRows(full.grid, 0.01),
    'lie rates': sweepRows(full),
    levels: levelRows(full.levels),
    pools: poolRows(full.pools),
  };
}

const policyNames: readonly (readonly [RivalName, string])[] = [
  ['single', 'single copy'],
  ['quorum-2', 'fixed quorum 2'],
  ['quorum-3', 'fixed quorum 3'],
  ['boinc-adaptive', 'BOINC’s adaptive rule'],
  ['sarmenta', 'Sarmenta’s credibility, 1e-6'],
];
const shownRings: readonly StrategyName[] = ['collude', 'collude-trusted', 'collude-safe'];

function rivalRows({ grid, rivals }: FullGrid): string[] {
  const strategies = [...new Set(rivals.map(({ options }) => options.strategy))];
  const rows = policyNames.map(([policy, name]) => {
    const of = (share: number) =>
      rivals.filter((report) => report.policy === policy && report.options.cheaters === share);
    const rings = shownRings.map((ring) =>
      rate(of(0.05).find(({ options }) => options.strategy === ring)?.wrongRate ?? 0),
    );
    const worst = [0.05, 0.2].map((share) => rate(Math.max(...of(share).map(({ wrongRate }) => wrongRate))));
    return row(name, ...rings, ...worst, range(of(0.05)));
  });
  const ours = (share: number) =>
    grid.filter(({ options }) => options.cheaters === share && strategies.includes(options.strategy));
  const worstOf = (share: number) =>
    ours(share).reduce((worst, report) => (report.wrongFinals > worst.wrongFinals ? report : worst));
  const rings = shownRings.map((ring) => ours(0.05).find(({ options }) => options.strategy === ring));
  return [
    row(
      'policy',
      'ring that always lies',
      'ring that lies once trusted',
      'ring that lies only when safe',
      'worst of six, f = 5 %',
      'worst of six, f = 20 %',
      'executions, f = 5 %',
    ),
    line(7),
    ...rows,
    row(
      '**Taika, standard**',
      ...rings.map((report) => (report === undefined ? '–' : accepted(report))),
      accepted(worstOf(0.05)),
      accepted(worstOf(0.2)),
      `**${range(ours(0.05))}**`,
    ),
  ];
}

function gridRows(grid: readonly SimulationReport[], share: number): string[] {
  const cells = grid.filter(({ options }) => options.cheaters === share || options.strategy === 'honest');
  return [
    row(
      'strategy',
      'wrong finals',
      'after recall',
      'executions',
      'without start-up and flush',
      'done again',
      'reference',
      'wrong finals an identity, mean (most)',
      'revoked of identities',
      'results to detect, median / 99 %',
      'paid for lies',
    ),
    line(11),
    ...cells.map((report) => {
      const { options, resultsToDetect, points } = report;
      const isFaulty = options.strategy === 'flaky';
      return row(
        options.strategy,
        report.wrongFinals,
        report.wrongAfterRecall,
        report.executions.toFixed(3),
        report.steadyExecutions.toFixed(3),
        report.redoneExecutions.toFixed(3),
        percent(report.referenceShare),
        `${report.wrongFinalsPerCheat.toFixed(2)} (${report.wrongFinalsPerCheatMax})`,
        isFaulty
          ? `${report.faultyRevoked} faulty, ${report.reentries} let in again`
          : `${report.cheatsRevoked} of ${report.identities}`,
        resultsToDetect.median === null ? '–' : `${resultsToDetect.median} / ${resultsToDetect.p99}`,
        `${points.paidForLies} of ${points.claimedForLies}`,
      );
    }),
  ];
}

function sweepRows({ sweeps }: FullGrid): string[] {
  return [
    row('share of lies', 'standard: wrong finals', 'after recall', 'high: wrong finals', 'after recall'),
    line(5),
    ...sweeps.standard.map((standard, place) => {
      const high = sweeps.high[place];
      return row(
        percent(standard.options.lieRate ?? 0),
        rate(standard.wrongFinalRate),
        rate(standard.wrongAfterRecallRate),
        rate(high?.wrongFinalRate ?? 0),
        rate(high?.wrongAfterRecallRate ?? 0),
      );
    }),
  ];
}

function levelRows(levels: readonly SimulationReport[]): string[] {
  return [
    row(
      'level',
      'wrong finals',
      'after recall',
      'executions',
      'running',
      'start-up',
      'flush',
      'to final, median / 99 % of results (× 60 s)',
    ),
    line(8),
    ...levels.map((report) =>
      row(
        report.options.level,
        report.wrongFinals,
        report.wrongAfterRecall,
        report.executions.toFixed(3),
        report.steadyExecutions.toFixed(3),
        report.startUpExecutions.toFixed(3),
        report.flushExecutions.toFixed(3),
        `${report.finalityDelay.median} / ${report.finalityDelay.p99}`,
      ),
    ),
  ];
}

function poolRows(pools: readonly SimulationReport[]): string[] {
  return [
    row('results a terminal', 'executions', 'start-up', 'flush', 'reference'),
    line(5),
    ...pools.map((report) =>
      row(
        report.options.units / report.options.terminals,
        report.executions.toFixed(3),
        report.startUpExecutions.toFixed(3),
        report.flushExecutions.toFixed(3),
        percent(report.referenceShare),
      ),
    ),
  ];
}

function accepted({ wrongFinalRate, wrongAfterRecallRate }: SimulationReport): string {
  return wrongFinalRate === 0
    ? '**0**'
    : `${rate(wrongFinalRate)}, ${rate(wrongAfterRecallRate)} after recall`;
}

function range(reports: readonly { readonly executions: number }[]): string {
  const all = reports.map(({ executions }) => executions);
  return `${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)}`;
}

function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function line(columns: number): string {
  return row(...Array.from({ length: columns }, () => '---'));
}

function rate(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
