import type { SqlOrTransaction, Transaction } from '@taika/database/connect';
import { limits } from '@taika/protocol/limits';
import type { Effect } from '@taika/trust/effect';
import type { TrustEvent } from '@taika/trust/event';
import type { TrustState } from '@taika/trust/state';
import { pgArray, pgTextArray } from '../pg-array.ts';

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
  /** Units that were found different, where results were compared. */
  readonly differing: readonly number[] | undefined;
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
       event, effects, differing)
    select ${now}::timestamptz, job_number, first_unit, units, assignment_id, occasion, terminal_number, partner_number,
           pool_version, state::jsonb, event::jsonb, effects::jsonb, differing::jsonb
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
      ${json((row) => row.effects)}::text::text[],
      ${pgTextArray(rows.map(({ differing }) => (differing?.length ? JSON.stringify(differing) : undefined)))}::text::text[]
    ) with ordinality as made (job_number, first_unit, units, assignment_id, occasion, terminal_number, partner_number,
      pool_version, state, event, effects, differing, nth)
    order by nth
  `;
}

/** Fuel is the one bigint in an event. */
function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** A decision as it was recorded, with what its draw was keyed by. */
export interface RecordedDecisionRow {
  readonly id: bigint;
  readonly at: Date;
  readonly jobNumber: bigint;
  readonly jobId: string;
  readonly firstUnit: number;
  readonly units: number;
  readonly assignmentId: bigint;
  readonly commitHash: Buffer;
  readonly occasion: string;
  readonly terminalNumber: bigint;
  readonly terminalId: string;
  readonly partnerNumber: bigint | null;
  readonly partnerId: string | null;
  readonly poolVersion: bigint;
  readonly state: Omit<TrustState, 'pool'>;
  readonly event: Record<string, unknown> & { readonly kind: TrustEvent['kind'] };
  readonly effects: readonly Effect[];
  /** Null where nothing was found different. */
  readonly differing: readonly number[] | null;
}

/** Which decisions are asked for, oldest first. */
export type DecisionsOf =
  | { readonly kind: 'all' }
  | { readonly kind: 'unit'; readonly jobNumber: bigint; readonly unit: number }
  /** Those by which one of the terminals lost its right. */
  | { readonly kind: 'revocations'; readonly terminalNumbers: readonly bigint[] }
  /** Those of one instant that may have made results of the terminals final. */
  | { readonly kind: 'finals'; readonly terminalNumbers: readonly bigint[]; readonly at: Date }
  /** The latest `limit` of those about a terminal's results or its copies. */
  | { readonly kind: 'terminal'; readonly terminalNumber: bigint; readonly limit: number };

/** Recorded decisions. */
export async function listDecisions(
  sql: SqlOrTransaction,
  which: DecisionsOf,
): Promise<RecordedDecisionRow[]> {
  return sql<RecordedDecisionRow[]>`
    select d.id, d.at, d.job_number, job.id as job_id, d.first_unit, d.units, d.assignment_id,
           sha256(result.digests) as commit_hash, d.occasion, d.terminal_number, author.id as terminal_id,
           d.partner_number, partner.id as partner_id, d.pool_version, d.state, d.event, d.effects, d.differing
    from trust_decision d
    join job on job.number = d.job_number
    join result on result.assignment_id = d.assignment_id
    join terminal author on author.number = d.terminal_number
    left join terminal partner on partner.number = d.partner_number
    where ${conditionOf(sql, which)}
    order by d.id
  `;
}

function conditionOf(sql: SqlOrTransaction, which: DecisionsOf) {
  switch (which.kind) {
    case 'all':
      return sql`true`;
    case 'unit':
      return sql`d.job_number = ${which.jobNumber}
        and d.first_unit > ${which.unit - limits.runUnitsMax}
        and d.first_unit <= ${which.unit}
        and d.first_unit + d.units > ${which.unit}`;
    case 'revocations':
      return sql`${isAboutAny(sql, which.terminalNumbers)}
        and d.effects @> '[{"kind": "revoke"}]'`;
    case 'finals':
      return sql`${isAboutAny(sql, which.terminalNumbers)}
        and d.at = ${which.at}
        and (d.effects @> '[{"kind": "finalize"}]' or d.effects @> '[{"kind": "finalize-job"}]')`;
    case 'terminal':
      return sql`d.id in (
        (select id from trust_decision where terminal_number = ${which.terminalNumber} order by id desc limit ${which.limit})
        union all
        (select id from trust_decision where partner_number = ${which.terminalNumber} order by id desc limit ${which.limit})
      )`;
  }
}

/** By the indexes of both columns. */
function isAboutAny(sql: SqlOrTransaction, terminalNumbers: readonly bigint[]) {
  const numbers = pgArray(terminalNumbers);
  return sql`d.id in (
    select id from trust_decision where terminal_number = any(${numbers}::text::bigint[])
    union all
    select id from trust_decision where partner_number = any(${numbers}::text::bigint[])
  )`;
}

/** The pools that decisions were made from, by version. */
export async function readPools(sql: SqlOrTransaction): Promise<Map<bigint, readonly (readonly number[])[]>> {
  const rows = await sql<{ version: bigint; terminals: number[][] }[]>`
    select version, terminals
    from trust_pool
  `;
  return new Map(rows.map(({ version, terminals }) => [version, terminals]));
}
