import type { Sql } from '@taika/database/connect';
import type { JudgingFormText } from '@taika/protocol/dispatch/cycle';
import { pgArray } from '../pg-array.ts';
import { callMs, deadlineFloorMs, type Pace } from '../units/run-size.ts';
import { isToBeTried } from './return-queries.ts';

/** What a job asks of who computes a run of it. */
export interface JobDemand extends Pace {
  readonly jobNumber: bigint;
  readonly memoryMiB: number;
}

/** Copies about to be handed out. */
export interface AuditClaim {
  readonly terminalNumber: bigint;
  readonly memberNumber: bigint;
  readonly isReference: boolean;
  readonly cycleKey: bigint;
  /** What the call asks for and the member has agreed to lend. */
  readonly wanted: { readonly unitsMax: number; readonly parallel: number; readonly memoryMiB: number };
  readonly demands: readonly JobDemand[];
  /** As many copies at most; a member gets one. */
  readonly assignmentIds: readonly bigint[];
}

/** A copy as it was handed out. */
export interface ClaimedAudit {
  readonly id: bigint;
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly artefact: JudgingFormText | null;
  readonly deadlineMs: number;
}

/**
 * Hands a terminal copies that it was chosen for and that fit its call, oldest first. A member gets one: an answer holds
 * one run of one job, as nearly every answer with ordinary work does. A reference executor, from which nothing is hidden,
 * gets at least one that fits its memory, about `unitsMax` units and about a minute of work, of any jobs; more would be
 * past its deadline before it comes to it.
 */
export function claimAudits(sql: Sql, claim: AuditClaim): Promise<ClaimedAudit[]> {
  const { terminalNumber, isReference, wanted, assignmentIds } = claim;
  return sql<ClaimedAudit[]>`
    with demand as (${demandRows(sql, claim.demands)}),
    locked as materialized (
      select id, units, units * unit_ms as ms
      from audit
      join demand using (job_number)
      where state = 'wanted'
        and ${isReference ? sql`by_terminal is null and ${isToBeTried(sql, terminalNumber)}` : sql`by_terminal = ${terminalNumber} and units <= ${wanted.unitsMax}`}
        and memory_mib <= ${wanted.memoryMiB}
      order by id
      limit ${isReference ? assignmentIds.length : 1}
      for update of audit skip locked
    ),
    picked as (
      select *
      from (
        select id, row_number() over place as nth, sum(units) over place - units as units_before,
               sum(ms) over place - ms as ms_before
        from locked
        window place as (order by id)
      ) ranked
      where units_before < ${wanted.unitsMax}
        and ms_before < ${callMs * wanted.parallel}::float8
    ),
    taken as (
      update audit
      set state = 'out',
          assignment_id = (${pgArray(assignmentIds)}::text::bigint[])[picked.nth::int],
          terminal_number = ${terminalNumber},
          lapses_at = null
      from picked
      where audit.id = picked.id
      returning audit.assignment_id, audit.job_number, audit.first_unit, audit.units, audit.artefact
    )
    insert into assignment
      (id, job_number, first_unit, units, terminal_number, member_number, is_copy, cycle_key, issued_at, deadline, artefact)
    select assignment_id, job_number, first_unit, units, ${terminalNumber}, ${claim.memberNumber}, true,
           ${claim.cycleKey}, now(),
           now() + interval '1 millisecond' * round(least(
             ${deadlineFloorMs} + units * unit_ms_max,
             greatest(${deadlineFloorMs}, units * unit_ms)
           )),
           artefact
    from taken
    join demand using (job_number)
    returning id, job_number, first_unit, units, artefact,
      (extract(epoch from deadline - issued_at) * 1000)::int as deadline_ms
  `;
}

/**
 * A member's call has come that these copies do not fit: they lapse at once, so that the reference executor computes them
 * and nothing waits for a call that may never come. Gives how many.
 */
export async function lapseUnfitting(
  sql: Sql,
  { terminalNumber, wanted, demands }: Pick<AuditClaim, 'terminalNumber' | 'wanted' | 'demands'>,
): Promise<number> {
  const rows = await sql`
    with demand as (${demandRows(sql, demands)})
    update audit
    set state = 'lapsed'
    from demand
    where demand.job_number = audit.job_number
      and state = 'wanted'
      and by_terminal = ${terminalNumber}
      and (units > ${wanted.unitsMax} or memory_mib > ${wanted.memoryMiB})
    returning id
  `;
  return rows.length;
}

function demandRows(sql: Sql, demands: readonly JobDemand[]) {
  return sql`
    select *
    from unnest(
      ${pgArray(demands.map(({ jobNumber }) => jobNumber))}::text::bigint[],
      ${pgArray(demands.map(({ unitMs }) => unitMs))}::text::float8[],
      ${pgArray(demands.map(({ unitMsMax }) => unitMsMax))}::text::float8[],
      ${pgArray(demands.map(({ memoryMiB }) => memoryMiB))}::text::float8[]
    ) as demand (job_number, unit_ms, unit_ms_max, memory_mib)`;
}
