import type { SimulationOptions } from './options.ts';
import { answers } from './strategy.ts';
import { auditReasons } from './tally.ts';
import { at, runStates } from './unit-store.ts';
import type { World } from './world.ts';

/** What a simulation found. Rates are per unit (a packed run) unless they say otherwise. */
export interface SimulationReport {
  readonly options: SimulationOptions;
  /** Wrong results that became final, and those that still were after recall. */
  readonly wrongFinals: number;
  readonly wrongAfterRecall: number;
  readonly wrongFinalRate: number;
  readonly wrongAfterRecallRate: number;
  /** Everything computed by anybody, and its parts: with start-up and flush taken out, start-up, flush. */
  readonly executions: number;
  readonly steadyExecutions: number;
  readonly startUpExecutions: number;
  readonly flushExecutions: number;
  /** Computed again because a terminal was revoked: dropped, recalled. Part of the steady executions. */
  readonly redoneExecutions: number;
  readonly referenceShare: number;
  readonly identities: number;
  readonly wrongFinalsPerCheat: number;
  readonly wrongFinalsPerCheatMax: number;
  readonly liesTold: number;
  readonly cheatsRevoked: number;
  readonly faultyRevoked: number;
  readonly honestRevoked: number;
  readonly reentries: number;
  /** Of those that lied on probation first and were convicted: the share that had not passed a single check. */
  readonly caughtAtFirstCheckShare: number | null;
  /** Results handed in from the first lie to the revocation, both counted, of those that were TRUSTED when it was told. */
  readonly resultsToDetect: {
    readonly count: number;
    readonly median: number | null;
    readonly p99: number | null;
    /** How many took more than 50 results: a quantile of a few tens says little, the share over many cells does. */
    readonly beyond50: number;
  };
  /** From commit to final, in times of one run. */
  readonly finalityDelay: { readonly median: number; readonly p95: number; readonly p99: number };
  readonly points: {
    readonly claimedByCheats: number;
    readonly paidToCheats: number;
    readonly claimedForLies: number;
    readonly paidForLies: number;
    readonly forfeited: number;
    /** Claimed less paid, forfeited, in escrow and not vested; 0 unless points were lost or made. */
    readonly unaccounted: number;
  };
}

/** Reads the report off a world that has come to its end. */
export function reportOn(world: World): SimulationReport {
  const { options, tally, units, terminals } = world;
  const count = options.units;
  let wrongAfterRecall = 0;
  for (let unit = 0; unit < count; unit++) {
    if (at(units.state, unit) === runStates.final && at(units.answer, unit) !== answers.right)
      wrongAfterRecall++;
  }
  const copies = auditReasons.reduce((sum, reason) => sum + tally.copies[reason], 0);
  const byReference =
    auditReasons.reduce((sum, reason) => sum + tally.referenceCopies[reason], 0) +
    tally.judgements +
    tally.referenceRuns;
  const all = tally.committed + tally.late + copies + byReference;
  const of = (reason: (typeof auditReasons)[number]) => tally.copies[reason] + tally.referenceCopies[reason];
  const startUp = of('probation') + tally.youngAudits;
  const flush = of('flush');
  const cheats = terminals.filter(({ isCheat }) => isCheat);
  const workers = terminals.filter(({ trust }) => !trust.isDecoy);
  const total = (list: typeof terminals, of: (terminal: (typeof terminals)[number]) => number) =>
    list.reduce((sum, terminal) => sum + of(terminal), 0);
  return {
    options,
    wrongFinals: tally.wrongFinals,
    wrongAfterRecall,
    wrongFinalRate: tally.wrongFinals / count,
    wrongAfterRecallRate: wrongAfterRecall / count,
    executions: all / count,
    steadyExecutions: (all - startUp - flush) / count,
    startUpExecutions: startUp / count,
    flushExecutions: flush / count,
    redoneExecutions: (tally.committed + tally.referenceRuns - count + of('recall') + of('vouched')) / count,
    referenceShare: byReference / count,
    identities: cheats.length,
    wrongFinalsPerCheat:
      cheats.length === 0 ? 0 : total(cheats, ({ wrongFinals }) => wrongFinals) / cheats.length,
    wrongFinalsPerCheatMax: cheats.reduce((most, { wrongFinals }) => Math.max(most, wrongFinals), 0),
    liesTold: tally.liesTold,
    cheatsRevoked: tally.cheatsRevoked,
    faultyRevoked: tally.faultyRevoked,
    honestRevoked: tally.honestRevoked,
    reentries: tally.reentries,
    caughtAtFirstCheckShare:
      tally.caughtOnProbation === 0 ? null : tally.caughtAtFirstCheck / tally.caughtOnProbation,
    resultsToDetect: {
      count: tally.resultsToDetect.length,
      median: quantile(tally.resultsToDetect, 0.5),
      p99: quantile(tally.resultsToDetect, 0.99),
      beyond50: tally.resultsToDetect.filter((results) => results > 50).length,
    },
    finalityDelay: {
      median: histogramQuantile(tally.finalityDelay, 0.5),
      p95: histogramQuantile(tally.finalityDelay, 0.95),
      p99: histogramQuantile(tally.finalityDelay, 0.99),
    },
    points: {
      claimedByCheats: total(cheats, ({ claimed }) => claimed),
      paidToCheats: total(cheats, ({ paid }) => paid),
      claimedForLies: tally.claimedForLies,
      paidForLies: tally.paidForLies,
      forfeited: total(workers, ({ forfeited }) => forfeited),
      unaccounted: total(
        workers,
        ({ claimed, paid, forfeited, escrow, unvested }) => claimed - paid - forfeited - escrow - unvested,
      ),
    },
  };
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

function histogramQuantile(histogram: Uint32Array, share: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    seen += histogram[bucket] ?? 0;
    if (seen >= share * total) return bucket;
  }
  return histogram.length;
}
