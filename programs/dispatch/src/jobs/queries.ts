import type { SqlOrTransaction } from '@taika/database/connect';
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
       max_price_milli, ledger_hold_id, hold_is_open, created_at, started_at, deadline_at)
    values
      (${job.id}, ${job.customerNumber}, ${job.spec.name}, ${sql.json(job.spec as never)}, ${job.specSha256},
       ${job.hasPhases ? 'running' : 'splitting'}, 'splitting', ${job.rateVersion}, ${job.artefactKind},
       ${job.memoryPages}, ${job.maxPriceMilli ?? null}, ${job.ledgerHoldId ?? null},
       ${job.ledgerHoldId !== undefined}, ${job.createdAt}, ${job.hasPhases ? job.createdAt : null},
       ${deadlineOf(job)})
    on conflict (id) do nothing
    returning number
  `;
  return row?.number;
}

function deadlineOf({ spec: { deadlineMs }, createdAt }: NewJob): Date | null {
  return deadlineMs === undefined ? null : new Date(createdAt.getTime() + deadlineMs);
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

/** A job for a loop to work on. */
export interface JobRow {
  readonly id: string;
  readonly number: bigint;
  readonly customerNumber: bigint;
  readonly spec: JobSpecText;
  /** Round of the job that this is a phase of; else 0. */
  readonly round: number;
}

/** Jobs in a state but these, oldest first; read in pages, so that there may be any number. */
export async function* eachJobIn(
  sql: SqlOrTransaction,
  state: 'splitting' | 'merging',
  except: readonly bigint[],
): AsyncGenerator<JobRow> {
  for (let after = 0n; ; ) {
    const page = await sql<JobRow[]>`
      select id, number, customer_number, spec, round
      from job
      where state = ${state}
        and number > ${after}
        and number <> all(${except.map(String)}::bigint[])
      order by number
      limit ${jobsPerPage}
    `;
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < jobsPerPage) {
      return;
    }
    after = last.number;
  }
}

const jobsPerPage = 100;

/** Says in a job's view why it waits in this state; whatever moves the job takes it away again. */
export async function noteJobWaits(
  sql: SqlOrTransaction,
  wait: { readonly jobNumber: bigint; readonly state: JobState; readonly detail: string },
): Promise<void> {
  await sql`
    update job
    set reason_detail = ${wait.detail}
    where number = ${wait.jobNumber}
      and state = ${wait.state}
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

/**
 * Of these jobs, those of which nothing more is wanted from this terminal. Of a job that is done and has a trust level a
 * result may be recalled as long as its rows are there. Copies that the terminal holds are awaited also of a job that failed
 * or was cancelled, because who computed its results is paid by what they show.
 */
export async function listOverJobs(
  sql: SqlOrTransaction,
  { jobIds, terminalNumber }: { readonly jobIds: readonly string[]; readonly terminalNumber: bigint },
): Promise<ReadonlySet<string>> {
  const rows = await sql<{ id: string }[]>`
    select asked.id
    from unnest(${jobIds as string[]}::uuid[]) as asked (id)
    left join job using (id)
    left join job_cursor on job_cursor.job_number = job.number
    where job.number is null
      or job.state in ('cancelled', 'failed')
      and not exists (
        select from audit
        where audit.job_number = job.number
          and audit.state = 'out'
          and audit.terminal_number = ${terminalNumber}
      )
      or job.state <> 'running' and job_cursor.trust is null
  `;
  return new Set(rows.map(({ id }) => id));
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
