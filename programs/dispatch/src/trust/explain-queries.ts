import type { Sql } from '@taika/database/connect';
import { pgArray } from '../pg-array.ts';

/** What stands for a unit. */
export interface UnitRun {
  readonly firstUnit: number;
  readonly units: number;
  readonly state: 'committed' | 'open' | 'final' | 'abandoned';
  readonly awaits: boolean;
  readonly finalAfter: number | null;
  readonly finalAt: Date | null;
  readonly terminalNumber: bigint;
  readonly terminalId: string;
  readonly isReference: boolean;
  readonly passed: number | null;
  /** The copy or judgement on its way, if any. */
  readonly auditState: 'wanted' | 'out' | 'in' | 'lapsed' | null;
  /** Who computes it; null is the reference executor. */
  readonly auditorId: string | null;
  /** How often the reference executor could not compute it, and why the last time. */
  readonly auditReturns: number | null;
  readonly returnCause: string | null;
}

/** Where a unit stands; undefined for one that has no result now. */
export async function findUnitRun(
  sql: Sql,
  { jobNumber, unit }: { readonly jobNumber: bigint; readonly unit: number },
): Promise<UnitRun | undefined> {
  const [row] = await sql<UnitRun[]>`
    select r.first_unit, r.units, r.state, r.awaits, r.final_after, r.final_at, r.terminal_number,
           terminal.id as terminal_id, terminal.role = 'reference' as is_reference, t.passed,
           awaited.state as audit_state, awaited.auditor_id, awaited.returns as audit_returns, awaited.return_cause
    from trust_run r
    join terminal on terminal.number = r.terminal_number
    left join terminal_trust t on t.terminal_number = r.terminal_number
    left join lateral (
      select audit.state, auditor.id as auditor_id, audit.returns, audit.return_cause
      from audit
      left join terminal auditor on auditor.number = audit.by_terminal
      where audit.job_number = r.job_number
        and audit.first_unit = r.first_unit
        and audit.state <> 'done'
      order by audit.id
      limit 1
    ) awaited on r.awaits
    where r.job_number = ${jobNumber}
      and r.first_unit <= ${unit}
      and r.first_unit + r.units > ${unit}
    order by r.first_unit desc
    limit 1
  `;
  return row;
}

/** Who computes a unit that has no result now; undefined while nobody does. */
export async function findHolder(
  sql: Sql,
  { jobNumber, unit }: { readonly jobNumber: bigint; readonly unit: number },
): Promise<{ readonly terminalId: string; readonly issuedAt: Date } | undefined> {
  const [row] = await sql<{ terminalId: string; issuedAt: Date }[]>`
    select terminal.id as terminal_id, a.issued_at
    from assignment a
    join terminal on terminal.number = a.terminal_number
    where a.job_number = ${jobNumber}
      and a.first_unit <= ${unit}
      and a.first_unit + a.units > ${unit}
      and not a.is_copy
    order by a.issued_at desc
    limit 1
  `;
  return row;
}

/** A result that was taken out. */
export interface DroppedResult {
  readonly firstUnit: number;
  readonly units: number;
  readonly terminalNumber: bigint;
  readonly terminalId: string;
  readonly droppedAt: Date;
  readonly comparedUnits: number;
  readonly isWrong: boolean;
}

/** Results of a unit that were taken out, oldest first. */
export function listDropped(
  sql: Sql,
  { jobNumber, unit }: { readonly jobNumber: bigint; readonly unit: number },
): Promise<DroppedResult[]> {
  return sql<DroppedResult[]>`
    select d.first_unit, d.units, d.terminal_number, terminal.id as terminal_id, d.dropped_at, d.compared_units, d.is_wrong
    from dropped_run d
    join terminal on terminal.number = d.terminal_number
    where d.job_number = ${jobNumber}
      and d.first_unit <= ${unit}
      and d.first_unit + d.units > ${unit}
    order by d.dropped_at
  `;
}

/** A unit that came back uncomputed. */
export interface ReturnedUnit {
  readonly at: Date;
  readonly terminalId: string;
  readonly cause: string;
}

/** How often a unit came back uncomputed, oldest first. */
export function listReturns(
  sql: Sql,
  { jobNumber, unit }: { readonly jobNumber: bigint; readonly unit: number },
): Promise<ReturnedUnit[]> {
  return sql<ReturnedUnit[]>`
    select r.at, terminal.id as terminal_id, r.cause
    from unit_return r
    join terminal on terminal.number = r.terminal_number
    where r.job_number = ${jobNumber}
      and r.unit = ${unit}
    order by r.at
  `;
}

/** A correction of a job that was over. */
export interface JobCorrection {
  readonly revision: number;
  readonly foundAt: Date;
  readonly mergedAt: Date | null;
  readonly creditNumber: string | null;
}

/** A job's corrections, oldest first. */
export function listCorrections(sql: Sql, jobNumber: bigint): Promise<JobCorrection[]> {
  return sql<JobCorrection[]>`
    select c.revision, c.found_at, c.merged_at, n.document_number as credit_number
    from job_correction c
    left join credit_note n on n.number = c.credit_note_number
    where c.job_number = ${jobNumber}
    order by c.revision
  `;
}

/** Ids of terminals by their numbers. */
export async function listTerminalIds(sql: Sql, numbers: Iterable<number>): Promise<Map<number, string>> {
  const rows = await sql<{ number: bigint; id: string }[]>`
    select number, id
    from terminal
    where number = any(${pgArray(numbers)}::text::bigint[])
  `;
  return new Map(rows.map(({ number, id }) => [Number(number), id]));
}
