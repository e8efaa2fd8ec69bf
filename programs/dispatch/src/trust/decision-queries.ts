import type { Transaction } from '@taika/database/connect';
import { pgTextArray } from '../pg-array.ts';

/** A decision as it is recorded. */
export interface DecisionRow {
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly assignmentId: bigint;
  readonly occasion: string;
  readonly terminalNumber: bigint;
  readonly partnerNumber: bigint | undefined;
  readonly poolVersion: bigint;
  readonly state: unknown;
  readonly event: unknown;
  readonly effects: unknown;
}

/** Records decisions in the order in which they were made. */
export async function insertDecisions(
  tx: Transaction,
  rows: readonly DecisionRow[],
  now: Date,
): Promise<void> {
  const numbers = (value: (row: DecisionRow) => bigint | number | undefined) =>
    `{${rows.map((row) => value(row) ?? 'null').join(',')}}`;
  const json = (value: (row: DecisionRow) => unknown) =>
    pgTextArray(rows.map((row) => JSON.stringify(value(row), bigintAsText)));
  await tx`
    insert into trust_decision
      (at, job_number, first_unit, units, assignment_id, occasion, terminal_number, partner_number, pool_version, state,
       event, effects)
    select ${now}::timestamptz, job_number, first_unit, units, assignment_id, occasion, terminal_number, partner_number,
           pool_version, state::jsonb, event::jsonb, effects::jsonb
    from unnest(
      ${numbers((row) => row.jobNumber)}::text::bigint[],
      ${numbers((row) => row.firstUnit)}::text::int[],
      ${numbers((row) => row.units)}::text::int[],
      ${numbers((row) => row.assignmentId)}::text::bigint[],
      ${pgTextArray(rows.map(({ occasion }) => occasion))}::text::text[],
      ${numbers((row) => row.terminalNumber)}::text::bigint[],
      ${numbers((row) => row.partnerNumber)}::text::bigint[],
      ${numbers((row) => row.poolVersion)}::text::bigint[],
      ${json((row) => row.state)}::text::text[],
      ${json((row) => row.event)}::text::text[],
      ${json((row) => row.effects)}::text::text[]
    ) with ordinality as made (job_number, first_unit, units, assignment_id, occasion, terminal_number, partner_number,
      pool_version, state, event, effects, nth)
    order by nth
  `;
}

/** Fuel is the one bigint in an event. */
function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
