import type { SqlOrTransaction } from '@taika/database/connect';
import type { BlobRefText, Phase } from '@taika/job/phases';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { ReasonCode } from '@taika/protocol/reasons';
import type { JobFailure } from './queries.ts';

/** A phase that is about to begin. */
export interface NewPhase extends Phase {
  readonly id: string;
  readonly parentNumber: bigint;
  /** Place among the job's phases, from 0. */
  readonly place: number;
  /** The phase as a job of its own (`phaseSpec`). */
  readonly spec: JobSpecText;
  readonly now: Date;
}

/**
 * Stores a phase in `splitting` and makes it its job's current one. Part of the transaction that ended the phase before
 * it and that locked the job. A program has its `strict` form only where it needs one.
 */
export async function insertPhase(tx: SqlOrTransaction, phase: NewPhase): Promise<void> {
  await tx`
    with inserted as (
      insert into job
        (id, customer_number, name, spec, spec_sha256, reason_code, rate_version, artefact_kind, memory_pages, created_at,
         parent_number, phase, phase_kind, round, stage, deadline_at)
      select ${phase.id}, parent.customer_number, parent.name, ${tx.json(phase.spec as never)}, parent.spec_sha256,
             'splitting', parent.rate_version,
             case
               when parent.spec ->> 'artefact' = 'strict'
                and exists (
                  select from program_artefact
                  where program_sha256 = ${phase.spec.program}
                    and memory_pages = parent.memory_pages
                    and kind = 'strict'
                )
               then 'strict'
               else 'fast'
             end,
             parent.memory_pages, ${phase.now}, parent.number, ${phase.place}, ${phase.kind}, ${phase.round}, ${phase.stage},
             parent.deadline_at
      from job parent
      where parent.number = ${phase.parentNumber}
      returning number
    )
    update job
    set current_phase = inserted.number
    from inserted
    where job.number = ${phase.parentNumber}
  `;
}

/** Notes what a `next` program kept for the one after it. */
export async function updateNextState(
  tx: SqlOrTransaction,
  { jobNumber, state }: { readonly jobNumber: bigint; readonly state: BlobRefText },
): Promise<void> {
  await tx`
    update job
    set next_state = ${tx.json(state)}
    where number = ${jobNumber}
  `;
}

/** Adds an ended phase's fuel, units and terminals to its job; part of the transaction that goes on to the next phase or ends the job. */
export async function absorbPhase(
  tx: SqlOrTransaction,
  { jobNumber, phaseNumber }: { readonly jobNumber: bigint; readonly phaseNumber: bigint },
): Promise<void> {
  await tx`
    update job
    set fuel = job.fuel + phase.fuel,
        units_done = job.units_done + phase.units_done,
        unit_count = coalesce(job.unit_count, 0) + coalesce(phase.unit_count, 0),
        -- What an attempt to go on failed for, if one did.
        reason_detail = null
    from job phase
    where job.number = ${jobNumber}
      and phase.number = ${phaseNumber}
  `;
  await tx`
    insert into job_terminal (job_number, terminal_number)
    select ${jobNumber}, terminal_number
    from job_terminal
    where job_number = ${phaseNumber}
    on conflict do nothing
  `;
}

/** A phase that ended and that nothing followed yet, with its job. */
export interface EndedPhase extends Phase {
  readonly number: bigint;
  readonly place: number;
  readonly state: 'done' | 'failed';
  readonly unitCount: number;
  readonly reasonCode: ReasonCode;
  readonly reasonDetail: string | null;
  readonly failure: JobFailure | null;
  readonly spec: JobSpecText;
  readonly result: BlobRefText | null;
  readonly jobNumber: bigint;
  readonly jobSpec: JobSpecText;
  /** What the last `next` program kept. */
  readonly nextState: BlobRefText | null;
  readonly customerNumber: bigint;
}

/** Current phases that ended, of jobs that run, but of these. */
export function listEndedPhases(sql: SqlOrTransaction, except: readonly bigint[]): Promise<EndedPhase[]> {
  return sql<EndedPhase[]>`
    select phase.number, phase.phase as place, phase.phase_kind as kind, phase.round, phase.stage, phase.state,
           coalesce(phase.unit_count, 0) as unit_count,
           phase.reason_code, phase.reason_detail, phase.failure, phase.spec,
           case when blob.sha256 is null then null
             else json_build_object('sha256', blob.sha256, 'bytes', blob.bytes)
           end as result,
           job.number as job_number, job.spec as job_spec, job.next_state, job.customer_number
    from job
    join job phase on phase.number = job.current_phase
    left join blob on blob.sha256 = phase.result_sha256
    where job.state = 'running'
      and phase.state in ('done', 'failed')
      and job.number <> all(${except.map(String)}::bigint[])
    order by job.number
    limit 100
  `;
}

/**
 * Locks a job that is still where `listEndedPhases` found it; false when another replica was first, the customer cancelled,
 * or the phase's result was corrected meanwhile.
 */
export async function lockAtPhase(
  tx: SqlOrTransaction,
  { jobNumber, number, result }: Pick<EndedPhase, 'jobNumber' | 'number' | 'result'>,
): Promise<boolean> {
  const rows = await tx`
    select
    from job
    where number = ${jobNumber}
      and state = 'running'
      and current_phase = ${number}
    for no key update
  `;
  if (rows.length === 0) {
    return false;
  }
  if (result === null) {
    return true;
  }
  // Asked once the job is locked: who corrects the phase locks the job before it.
  const [phase] = await tx<{ resultSha256: string | null }[]>`
    select result_sha256
    from job
    where number = ${number}
  `;
  return phase?.resultSha256 === result.sha256;
}

/** The phase that a job with phases is at; undefined for another job. The caller has locked the job, so that it stays. */
export async function readCurrentPhase(tx: SqlOrTransaction, jobNumber: bigint): Promise<bigint | undefined> {
  const [row] = await tx<{ currentPhase: bigint | null }[]>`
    select current_phase
    from job
    where number = ${jobNumber}
  `;
  return row?.currentPhase ?? undefined;
}
