import type { SqlOrTransaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { ReasonCode } from '@taika/protocol/reasons';
import type { TrustLevelName } from '@taika/trust/trust-level';
import type { JobState } from './job-state.ts';

/** A unit on which the program failed. */
export interface JobFailure {
  readonly unit: number;
  readonly exitCode?: number;
  readonly trap?: string;
  readonly stderr?: string;
}

/** A job about to be stored. */
export interface NewJob {
  readonly id: string;
  readonly customerNumber: bigint;
  readonly spec: JobSpecText;
  readonly specSha256: string;
  readonly rateVersion: number;
  readonly artefactKind: 'fast' | 'strict';
  readonly memoryPages: number;
  /** The most that it may cost, tax included, and what holds it; both undefined where the work is free of charge. */
  readonly maxPriceMilli: bigint | undefined;
  readonly ledgerHoldId: bigint | undefined;
  readonly createdAt: Date;
  /** True for a job with stages or rounds: it runs from the start, and its phases are jobs of their own. */
  readonly hasPhases: boolean;
}

/** Stores a job and gives its number; undefined when there is one with this id. */
export async function insertJob(sql: SqlOrTransaction, job: NewJob): Promise<bigint | undefined> {
  const [row] = await sql<{ number: bigint }[]>`
    insert into job
      (id, customer_number, name, spec, spec_sha256, state, reason_code, rate_version, artefact_kind, memory_pages,
       max_price_milli, ledger_hold_id, hold_is_open, created_at, started_at)
    values
      (${job.id}, ${job.customerNumber}, ${job.spec.name}, ${sql.json(job.spec as never)}, ${job.specSha256},
       ${job.hasPhases ? 'running' : 'splitting'}, 'splitting', ${job.rateVersion}, ${job.artefactKind},
       ${job.memoryPages}, ${job.maxPriceMilli ?? null}, ${job.ledgerHoldId ?? null},
       ${job.ledgerHoldId !== undefined}, ${job.createdAt}, ${job.hasPhases ? job.createdAt : null})
    on conflict (id) do nothing
    returning number
  `;
  return row?.number;
}

/** Whose a job is, and what was submitted. */
export async function findJobOwner(
  sql: SqlOrTransaction,
  jobId: string,
): Promise<
  { readonly number: bigint; readonly customerNumber: bigint; readonly specSha256: string } | undefined
> {
  const [row] = await sql<{ number: bigint; customerNumber: bigint; specSha256: string }[]>`
    select number, customer_number, spec_sha256
    from job
    where id = ${jobId}
      and parent_number is null
  `;
  return row;
}

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
  readonly unitsOut: number;
  readonly terminals: number;
  readonly terminalsAsking: boolean;
  readonly rateVersion: number;
  readonly maxPriceMilli: bigint | null;
  readonly isPaused: boolean;
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
  readonly kind: 'stage' | 'next';
  readonly round: number;
  readonly stage: number;
  readonly roundsMax: number;
  readonly stages: number;
}

function selectViews(sql: SqlOrTransaction) {
  return sql`
    select job.id, job.number, job.name, job.state, job.rate_version, job.max_price_milli,
           job.created_at, job.started_at, job.ended_at,
           job.failure, job.result_sha256, blob.bytes as result_bytes, job.data_deleted_at,
           coalesce(phase.state, job.state) as work_state,
           case
             when phase.number is null then job.reason_code
             when phase.ended_at is null then phase.reason_code
             else 'merging'
           end as reason_code,
           coalesce(phase.reason_detail, job.reason_detail) as reason_detail,
           coalesce(phase.unit_count, job.unit_count) as unit_count,
           coalesce(job_cursor.is_paused, false) as is_paused,
           coalesce(job_cursor.copies, 1) as copies,
           coalesce(job_cursor.next_unit, 0) as next_unit,
           coalesce(job_cursor.units_done, case when phase.number is null then job.units_done else 0 end) as units_done,
           case
             when job.current_phase is null then coalesce(job_cursor.fuel, job.fuel)
             else job.fuel + coalesce(job_cursor.fuel, 0)
           end as fuel,
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
    left join blob on blob.sha256 = job.result_sha256`;
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

/** A job for a loop to work on. */
export interface JobRow {
  readonly id: string;
  readonly number: bigint;
  readonly customerNumber: bigint;
  readonly spec: JobSpecText;
  /** Round of the job that this is a phase of; else 0. */
  readonly round: number;
}

/** Jobs in a state, oldest first. */
export function listJobsIn(sql: SqlOrTransaction, state: 'splitting' | 'merging'): Promise<JobRow[]> {
  return sql<JobRow[]>`
    select id, number, customer_number, spec, round
    from job
    where state = ${state}
    order by number
    limit 100
  `;
}

/** One job for a loop. Asserts that it is there. */
export async function findJobRow(sql: SqlOrTransaction, jobNumber: bigint): Promise<JobRow> {
  const [row] = await sql<JobRow[]>`
    select id, number, customer_number, spec
    from job
    where number = ${jobNumber}
  `;
  if (row === undefined) {
    throw new Error(`Job ${jobNumber} is not there.`);
  }
  return row;
}

/** A job's state now; undefined when there is no such job. */
export async function readJobState(sql: SqlOrTransaction, jobNumber: bigint): Promise<JobState | undefined> {
  const [row] = await sql<{ state: JobState }[]>`
    select state
    from job
    where number = ${jobNumber}
  `;
  return row?.state;
}

/** Moves a job out of one of `from`; false (zero rows) when it is in none of them any more. */
export async function updateJobState(
  sql: SqlOrTransaction,
  move: {
    readonly jobNumber: bigint;
    readonly from: readonly JobState[];
    readonly to: JobState;
    readonly reasonCode: ReasonCode;
    readonly reasonDetail: string | undefined;
    readonly failure: JobFailure | undefined;
    readonly resultSha256: string | undefined;
    readonly now: Date;
  },
): Promise<boolean> {
  const isEnd = move.to === 'done' || move.to === 'failed' || move.to === 'cancelled';
  const rows = await sql`
    update job
    set state = ${move.to},
        reason_code = ${move.reasonCode},
        reason_detail = ${move.reasonDetail ?? null},
        failure = ${move.failure === undefined ? null : sql.json(move.failure as never)},
        result_sha256 = ${move.resultSha256 ?? null},
        started_at = case when ${move.to} = 'running' then coalesce(started_at, ${move.now}) else started_at end,
        ended_at = ${isEnd ? move.now : null},
        fuel = coalesce((select job_cursor.fuel from job_cursor where job_number = job.number), fuel),
        units_done = coalesce((select job_cursor.units_done from job_cursor where job_number = job.number), units_done)
    where number = ${move.jobNumber}
      and state = any(${move.from as JobState[]}::text[])
    returning number
  `;
  return rows.length > 0;
}

/** Locks a job's row until the transaction ends. */
export async function lockJob(tx: SqlOrTransaction, jobNumber: bigint): Promise<void> {
  await tx`
    select
    from job
    where number = ${jobNumber}
    for no key update
  `;
}

/** Closes a job to the hot path: waits for the report that is just being counted, and lets none after it count. */
export async function closeCursor(sql: SqlOrTransaction, jobNumber: bigint): Promise<void> {
  await sql`
    update job_cursor
    set is_open = false
    where job_number = ${jobNumber}
      and is_open
  `;
}

/** Jobs that are over and whose rows in the hot tables are still there. */
export async function listUnswept(sql: SqlOrTransaction): Promise<bigint[]> {
  const rows = await sql<{ jobNumber: bigint }[]>`
    select job_number
    from job_cursor
    where not is_open
      and not is_swept
    limit 20
  `;
  return rows.map(({ jobNumber }) => jobNumber);
}

/** Notes that a job's rows in the hot tables are gone. */
export async function markSwept(sql: SqlOrTransaction, jobNumber: bigint): Promise<void> {
  await sql`
    update job_cursor
    set is_swept = true
    where job_number = ${jobNumber}
  `;
}

/** Jobs whose results are all in, or of which a unit failed. */
export async function listSettled(
  sql: SqlOrTransaction,
): Promise<{ readonly jobNumber: bigint; readonly failedResult: bigint | null }[]> {
  return sql<{ jobNumber: bigint; failedResult: bigint | null }[]>`
    select job_number, failed_result
    from job_cursor
    where is_open
      and (units_done = unit_count and trust is null or failed_result is not null)
    limit 100
  `;
}

/** Numbers and states of jobs by id, for an agent that asks which of its jobs are over. */
export async function listJobStates(
  sql: SqlOrTransaction,
  jobIds: readonly string[],
): Promise<Map<string, { readonly number: bigint; readonly state: JobState }>> {
  const rows = await sql<{ id: string; number: bigint; state: JobState }[]>`
    select id, number, state
    from job
    where id = any(${jobIds as string[]}::uuid[])
  `;
  return new Map(rows.map(({ id, number, state }) => [id, { number, state }]));
}

/** Notes what a split found; part of the split's transaction. */
export async function recordSplit(
  tx: SqlOrTransaction,
  {
    jobNumber,
    header,
    trailer,
    unitCount,
    copies,
    trust,
  }: {
    readonly jobNumber: bigint;
    readonly header: Uint8Array;
    readonly trailer: Uint8Array;
    readonly unitCount: number;
    readonly copies: number;
    readonly trust: TrustLevelName | null;
  },
): Promise<void> {
  await tx`
    update job
    set header = ${Buffer.from(header)},
        trailer = ${Buffer.from(trailer)},
        unit_count = ${unitCount}
    where number = ${jobNumber}
  `;
  await tx`
    insert into job_cursor (job_number, copies, trust, unit_count)
    values (${jobNumber}, ${copies}, ${trust}, ${unitCount})
  `;
}

/** Units of a job that was split. */
export async function readUnitCount(sql: SqlOrTransaction, jobNumber: bigint): Promise<number> {
  const [row] = await sql<{ unitCount: number }[]>`
    select unit_count
    from job_cursor
    where job_number = ${jobNumber}
  `;
  if (row === undefined) {
    throw new Error(`Job ${jobNumber} is not split.`);
  }
  return row.unitCount;
}
