import { type Column, table } from '@taika/cli/table';
import type { Goal } from './goals.ts';
import type { SimulationReport } from './report.ts';
import type { RivalReport } from './rivals/rival.ts';

/** One line a cell, for people. */
export function reportTable(reports: readonly SimulationReport[]): string {
  return table(reports, reportColumns);
}

/** One line a rival and strategy. */
export function rivalTable(reports: readonly RivalReport[]): string {
  return table(reports, [
    { heading: 'cheats', text: ({ options }) => percent(options.cheaters), right: true },
    { heading: 'policy', text: ({ policy }) => policy },
    { heading: 'strategy', text: ({ options }) => options.strategy },
    { heading: 'wrong', text: ({ wrongRate }) => rate(wrongRate), right: true },
    { heading: 'executions', text: ({ executions }) => executions.toFixed(3), right: true },
  ]);
}

/** The figures to reach, reached or not. */
export function goalTable(goals: readonly Goal[]): string {
  return table(goals, [
    { heading: 'goal', text: ({ name }) => name },
    { heading: 'reached', text: ({ isReached }) => (isReached ? 'yes' : 'no') },
    { heading: 'measured', text: ({ measured }) => measured },
    { heading: 'wanted', text: ({ wanted }) => wanted },
    { heading: 'missed by', text: ({ missedBy }) => missedBy.join(', ') },
  ]);
}

const reportColumns: readonly Column<SimulationReport>[] = [
  { heading: 'cheats', text: ({ options }) => percent(options.cheaters), right: true },
  { heading: 'strategy', text: ({ options }) => options.strategy },
  { heading: 'level', text: ({ options }) => options.level },
  {
    heading: 'lie rate',
    text: ({ options }) => (options.lieRate === null ? '' : percent(options.lieRate)),
    right: true,
  },
  { heading: 'units', text: ({ options }) => String(options.units), right: true },
  { heading: 'wrong finals', text: ({ wrongFinals }) => String(wrongFinals), right: true },
  { heading: 'after recall', text: ({ wrongAfterRecall }) => String(wrongAfterRecall), right: true },
  { heading: 'rate', text: ({ wrongAfterRecallRate }) => rate(wrongAfterRecallRate), right: true },
  { heading: 'executions', text: ({ executions }) => executions.toFixed(3), right: true },
  { heading: 'steady', text: ({ steadyExecutions }) => steadyExecutions.toFixed(3), right: true },
  { heading: 'start-up', text: ({ startUpExecutions }) => startUpExecutions.toFixed(4), right: true },
  { heading: 'flush', text: ({ flushExecutions }) => flushExecutions.toFixed(4), right: true },
  { heading: 'redone', text: ({ redoneExecutions }) => redoneExecutions.toFixed(4), right: true },
  { heading: 'reference', text: ({ referenceShare }) => percent(referenceShare), right: true },
  {
    heading: 'per identity',
    text: ({ wrongFinalsPerCheat, wrongFinalsPerCheatMax }) =>
      `${wrongFinalsPerCheat.toFixed(2)} (${wrongFinalsPerCheatMax})`,
    right: true,
  },
  {
    heading: 'revoked',
    text: ({ cheatsRevoked, identities }) => `${cheatsRevoked}/${identities}`,
    right: true,
  },
  {
    heading: 'honest, faulty',
    text: ({ honestRevoked, faultyRevoked }) => `${honestRevoked}, ${faultyRevoked}`,
    right: true,
  },
  {
    heading: 'to detect',
    text: ({ resultsToDetect }) => `${resultsToDetect.median ?? '-'} / ${resultsToDetect.p99 ?? '-'}`,
    right: true,
  },
  {
    heading: 'to final',
    text: ({ finalityDelay }) => `${finalityDelay.median} / ${finalityDelay.p99}`,
    right: true,
  },
  {
    heading: 'paid for lies',
    text: ({ points }) => `${points.paidForLies}/${points.claimedForLies}`,
    right: true,
  },
  {
    heading: 'paid to cheats',
    text: ({ points }) => `${points.paidToCheats}/${points.claimedByCheats}`,
    right: true,
  },
];

function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`;
}

function rate(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}
