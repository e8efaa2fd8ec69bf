import type { SqlOrTransaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';
import type { ReasonCode } from '@taika/protocol/reasons';
import type { TrustLevelName } from '@taika/trust/trust-level';
import { type ReferenceLimit, toldFrom } from '../trust/reference-limit.ts';
import type { JobState } from './job-state.ts';
import type { JobFailure } from './queries.ts';

/** A job with what its view needs, all of it from rows whose number does not grow with the job's units. */
export interface JobViewRow {
  readonly id: string;
  readonly number: bigint;
  readonly name: string;
  readonly state: JobState;
  /** Of the phase under way; of a job without phases, and of one that ended, its own. So are the reason and the units. */
  readonly workState: JobState;
  readonly phase: JobPhaseRow | null;
  readonly reasonCode: ReasonCode;
  readonly reasonDetail: string | null;
  readonly copies: number;
  readonly unitCount: number | null;
  readonly nextUnit: number;
  readonly unitsDone: number;
  readonly fuel: string;
  /** Of the phase under way; of a job without phases all of it. */
  readonly workFuel: string;
  /** Of units whose outputs were streamed before the end: what is charged of a job that comes to no result. */
  readonly deliveredUnits: number;
  readonly deliveredFuel: string;
  /** Null until there is an invoice. */
  readonly invoicedFuel: string | null;
  readonly unitsOut: number;
  readonly terminals: number;
  readonly terminalsAsking: boolean;
  readonly rateVersion: number;
  /** What the job's file says about trust. */
  readonly wantedTrust: TrustLevelName | null;
  readonly wantedCopies: number | null;
  readonly maxPriceMilli: bigint | null;
  readonly isPaused: boolean;
  readonly trust: TrustLevelName | null;
  readonly unitsFinal: number;
  readonly unitsChecked: bigint;
  readonly unitsDropped: bigint;
  /** Of all phases; null when the job's data is deleted. */
  readonly allDone: number | null;
  readonly allFinal: number | null;
  readonly allAgain: bigint | null;
  readonly waitsForReference: boolean;
  /** Why the reference executor cannot compute a result again that waits for it; null where it can, as far as is known. */
  readonly referenceLimit: ReferenceLimit | null;
  readonly corrections:
    | readonly {
        readonly foundAt: string;
        readonly units: number;
        readonly result: string | null;
        /** Null where what was corrected is the job's result. */
        readonly phase: Pick<JobPhaseRow, 'kind' | 'round' | 'stage'> | null;
        readonly creditNumber: string | null;
        readonly creditTotalMilli: string | null;
      }[]
    | null;
  readonly deadlineAt: Date | null;
  readonly dataDeletedAt: Date | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly resultSha256: string | null;
  readonly resultBytes: bigint | null;
  readonly failure: JobFailure | null;
}

/** Where a job with phases is, counted from 0. */
export interface JobPhaseRow {
  readonly kind: 'stage' | 'merge' | 'next';
  readonly round: number;
  readonly stage: number;
  readonly roundsMax: number;
  readonly stages: number;
}

function selectViews(sql: SqlOrTransaction) {
  return sql`
    select job.id, job.number, job.name, job.state, job.rate_version, job.max_price_milli,
           job.spec ->> 'trust' as wanted_trust, (job.spec ->> 'copies')::int as wanted_copies,
           job.created_at, job.started_at, job.ended_at,
           job.failure, job.deadline_at, job.result_sha256, blob.bytes as result_bytes, job.data_deleted_at,
           coalesce(phase.state, job.state) as work_state,
           case
             when phase.number is null then job.reason_code
             when phase.ended_at is null then phase.reason_code
             else 'merging'
           end as reason_code,
           coalesce(phase.reason_detail, job.reason_detail) as reason_detail,
           case when phase.number is null then job.unit_count else phase.unit_count end as unit_count,
           coalesce(job_cursor.is_paused, false) as is_paused,
           job_cursor.trust,
           checked.all_done, checked.all_final, checked.all_again,
           coalesce(job_cursor.units_final, 0) as units_final,
           coalesce(job_cursor.units_checked, 0) as units_checked,
           coalesce(job_cursor.units_dropped, 0) as units_dropped,
           exists (
             select from audit
             where audit.job_number = job_cursor.job_number
               and audit.state = 'wanted'
               and audit.by_terminal is null
               and audit.wanted_at < now() - interval '10 seconds'
           ) and not exists (
             select from terminal_presence
             join terminal on terminal.number = terminal_presence.terminal_number
             where terminal.role = 'reference'
               and seen_at > now() - interval '30 seconds'
           ) as waits_for_reference,
           (
             select audit.return_cause from audit
             where audit.job_number = job_cursor.job_number
               and audit.state = 'wanted'
               and audit.by_terminal is null
               and audit.returns >= ${toldFrom}
             order by audit.id
             limit 1
           ) as reference_limit,
           (
             select json_agg(json_build_object(
               'foundAt', c.found_at, 'units', c.units, 'result', c.result_sha256,
               'phase', case
                 when corrected.phase is null then null
                 -- Of the phase that gave the job's result, the correction is the job's.
                 when corrected.number = job.current_phase and corrected.phase_kind <> 'next' then null
                 else json_build_object(
                   'kind', corrected.phase_kind, 'round', corrected.round, 'stage', corrected.stage
                 )
               end,
               'creditNumber', n.document_number, 'creditTotalMilli', n.total_milli::text
             ) order by c.found_at, c.job_number, c.revision)
             from job_correction c
             left join credit_note n on n.number = c.credit_note_number
             join job corrected on corrected.number = c.job_number
             where job.number in (corrected.number, corrected.parent_number)
           ) as corrections,
           coalesce(job_cursor.copies, 1) as copies,
           coalesce(job_cursor.next_unit, 0) as next_unit,
           coalesce(job_cursor.units_done, case when phase.number is null then job.units_done else 0 end) as units_done,
           case
             when job.current_phase is null then coalesce(job_cursor.fuel, job.fuel)
             else job.fuel + coalesce(job_cursor.fuel, 0)
           end as fuel,
           coalesce(job_cursor.fuel, 0) as work_fuel, job.delivered_units, job.delivered_fuel,
           (
             select l.fuel
             from invoice_line l
             where l.job_number = job.number
           ) as invoiced_fuel,
           (
             select coalesce(sum(units), 0)::int
             from assignment
             where job_number = coalesce(phase.number, job.number)
           ) as units_out,
           (
             select count(distinct terminal_number)::int
             from job_terminal
             where job_number in (job.number, phase.number)
           ) as terminals,
           (
             select json_build_object(
               'kind', last.phase_kind, 'round', last.round, 'stage', last.stage,
               'roundsMax', coalesce((job.spec -> 'rounds' ->> 'max')::int, 1),
               'stages', 1 + coalesce(jsonb_array_length(job.spec -> 'laterStages'), 0)
             )
             from job last
             where last.number = job.current_phase
           ) as phase,
           exists (
             select from terminal_presence
             join terminal on terminal.number = terminal_presence.terminal_number
             where seen_at > now() - interval '30 seconds'
               and terminal.role = 'member'
               and terminal_presence.state in ('computing', 'idle-no-work')
           ) as terminals_asking
    from job
    left join job phase
      on phase.number = job.current_phase
      and job.ended_at is null
    left join job_cursor on job_cursor.job_number = coalesce(phase.number, job.number)
    left join blob on blob.sha256 = job.result_sha256
    cross join lateral (
      select sum(c.units_done)::int as all_done, sum(c.units_final)::int as all_final,
             sum(c.units_checked + c.units_dropped)::bigint as all_again
      from job part
      join job_cursor c on c.job_number = part.number
      where part.number = job.number
         or part.parent_number = job.number
    ) checked`;
}

/** One job, if it is this customer's. */
export async function findJobView(
  sql: SqlOrTransaction,
  { jobId, customerNumber }: { readonly jobId: string; readonly customerNumber: bigint },
): Promise<JobViewRow | undefined> {
  const [row] = await sql<JobViewRow[]>`
    ${selectViews(sql)}
    where job.id = ${jobId}
      and job.customer_number = ${customerNumber}
      and job.parent_number is null
  `;
  return row;
}

/** A page of a customer's jobs, newest first, with one row more than the limit. */
export function listJobViews(
  sql: SqlOrTransaction,
  { customerNumber, before, limit }: PageRequest & { readonly customerNumber: bigint },
): Promise<JobViewRow[]> {
  return sql<JobViewRow[]>`
    ${selectViews(sql)}
    where job.customer_number = ${customerNumber}
      and job.parent_number is null
      and job.number < ${before}
    order by job.number desc
    limit ${limit + 1}
  `;
}
