import type { Sql, Transaction } from '@taika/database/connect';
import type { JudgingFormText } from '@taika/protocol/dispatch/cycle';
import type { AuditReason } from '@taika/trust/event';
import { pgTextArray } from '../pg-array.ts';
import type { ReturnCause } from '../results/return-cause.ts';
import { type PartnerWait, silentMs } from './partner-wait.ts';
import { setReturned } from './return-queries.ts';
import type { Audit } from './trust-run.ts';

/** A second computation about to be ordered. */
export interface NewAudit {
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly authorAssignment: bigint;
  readonly authorTerminal: bigint;
  readonly kind: Audit['kind'];
  readonly reason: AuditReason;
  readonly byTerminal: bigint | undefined;
  readonly artefact: JudgingFormText | undefined;
  readonly judgedAssignment: bigint | undefined;
  readonly judgedTerminal: bigint | undefined;
  /** How long a terminal may leave it lying; a reference executor may for ever. */
  readonly wait: PartnerWait | undefined;
}

/** Orders second computations. */
export async function insertAudits(tx: Transaction, audits: readonly NewAudit[], now: Date): Promise<void> {
  const numbers = (value: (audit: NewAudit) => bigint | number | undefined) =>
    `{${audits.map((audit) => value(audit) ?? 'null').join(',')}}`;
  await tx`
    insert into audit
      (job_number, first_unit, units, author_assignment, author_terminal, kind, reason, by_terminal, artefact,
       judged_assignment, judged_terminal, wanted_at, lapses_at)
    select job_number, first_unit, units, author_assignment, author_terminal, kind, reason, by_terminal, artefact,
           judged_assignment, judged_terminal, ${now}::timestamptz,
           ${now}::timestamptz + interval '1 millisecond' * (at_least_ms + each_ms * (
             (select count(*) from audit before where before.by_terminal = wanted.by_terminal and before.state = 'wanted')
             + row_number() over (partition by by_terminal order by nth)
           ))
    from unnest(
      ${numbers((audit) => audit.jobNumber)}::text::bigint[],
      ${numbers((audit) => audit.firstUnit)}::text::int[],
      ${numbers((audit) => audit.units)}::text::int[],
      ${numbers((audit) => audit.authorAssignment)}::text::bigint[],
      ${numbers((audit) => audit.authorTerminal)}::text::bigint[],
      ${pgTextArray(audits.map(({ kind }) => kind))}::text::text[],
      ${pgTextArray(audits.map(({ reason }) => reason))}::text::text[],
      ${numbers((audit) => audit.byTerminal)}::text::bigint[],
      ${pgTextArray(audits.map(({ artefact }) => artefact))}::text::text[],
      ${numbers((audit) => audit.judgedAssignment)}::text::bigint[],
      ${numbers((audit) => audit.judgedTerminal)}::text::bigint[],
      ${numbers((audit) => audit.wait?.atLeastMs)}::text::int[],
      ${numbers((audit) => audit.wait?.eachMs)}::text::int[]
    ) with ordinality as wanted (job_number, first_unit, units, author_assignment, author_terminal, kind, reason,
      by_terminal, artefact, judged_assignment, judged_terminal, at_least_ms, each_ms, nth)
    order by nth
  `;
}

function selectAudits(tx: Transaction) {
  return tx`
    select id, job_number, first_unit, units, author_assignment, author_terminal, kind, reason, by_terminal, artefact,
           judged_assignment, judged_terminal, state, assignment_id, terminal_number, fuel, result_units, points
    from audit`;
}

/** Copies that came in or will not come, oldest first; judgements only when all their parts are in. */
export function listDueAudits(tx: Transaction, limit: number): Promise<Audit[]> {
  return tx<Audit[]>`
    ${selectAudits(tx)}
    where state in ('in', 'lapsed')
      and not (
        kind = 'judge'
        and exists (
          select from audit other
          where other.job_number = audit.job_number
            and other.first_unit = audit.first_unit
            and other.state in ('wanted', 'out')
        )
      )
    order by id
    limit ${limit}
  `;
}

/** An audit as it is now. */
export async function findAudit(tx: Transaction, id: bigint): Promise<Audit | undefined> {
  const [row] = await tx<Audit[]>`
    ${selectAudits(tx)}
    where id = ${id}
  `;
  return row;
}

/** The parts of a judgement, one for each form of the program that was run. */
export function listJudgedParts(tx: Transaction, audit: Audit): Promise<Audit[]> {
  return tx<Audit[]>`
    ${selectAudits(tx)}
    where job_number = ${audit.jobNumber}
      and first_unit = ${audit.firstUnit}
      and author_assignment = ${audit.authorAssignment}
      and kind = 'judge'
      and state = 'in'
    order by id
  `;
}

/** Notes how an audit ended. */
export async function updateDone(
  tx: Transaction,
  auditId: bigint,
  { outcome, now }: { readonly outcome: string; readonly now: Date },
): Promise<void> {
  await tx`
    update audit
    set state = 'done',
        outcome = ${outcome},
        done_at = ${now}
    where id = ${auditId}
      and state <> 'done'
  `;
}

/** Copies that nobody took in time lapse. Those out at terminals expire with their assignments. */
export async function lapseLate(tx: Transaction): Promise<void> {
  await tx`
    update audit
    set state = 'lapsed'
    where state = 'wanted'
      and by_terminal is not null
      and lapses_at < now()
  `;
}

/** Copies lapse that wait for terminals which were switched off or paused since; gives how many. */
export async function lapseOfSilent(sql: Sql): Promise<number> {
  const silence = sql`(case when reason = 'flush' then ${silentMs.flush}::int else ${silentMs.ordinary}::int end) * interval '1 millisecond'`;
  const rows = await sql`
    update audit
    set state = 'lapsed'
    where state = 'wanted'
      and by_terminal is not null
      and wanted_at < now() - ${silence}
      and not exists (
        select
        from terminal_presence p
        where p.terminal_number = audit.by_terminal
          and p.state in ('computing', 'idle-no-work')
          and p.seen_at > now() - ${silence}
      )
    returning id
  `;
  return rows.length;
}

/** Takes all copies from a terminal that will not do them. */
export async function lapseOfTerminal(tx: Transaction, terminalNumber: bigint): Promise<void> {
  await tx`
    update audit
    set state = 'lapsed'
    where state = 'wanted'
      and by_terminal = ${terminalNumber}
  `;
}

/** A job of which copies wait to be handed out. */
export interface WantedJob {
  readonly jobNumber: bigint;
  /** Mean fuel of a unit; undefined before the first result. */
  readonly fuelPerUnit: number | undefined;
  readonly referenceFuelPerSecond: number;
}

/** Which terminals copies wait for (0 stands for the reference executors), and of which jobs. */
export async function listWanted(
  sql: Sql,
): Promise<{ readonly terminals: ReadonlySet<bigint>; readonly jobs: readonly WantedJob[] }> {
  const rows = await sql<
    {
      terminals: string[];
      jobNumber: bigint;
      fuel: string;
      unitsDone: number;
      referenceFuelPerSecond: bigint;
    }[]
  >`
    select wanted.terminals, wanted.job_number, c.fuel, c.units_done, rate_card.reference_fuel_per_second
    from (
      select job_number, array_agg(distinct coalesce(by_terminal, 0))::text[] as terminals
      from audit
      where state = 'wanted'
      group by job_number
    ) wanted
    join job on job.number = wanted.job_number
    join job_cursor c on c.job_number = wanted.job_number
    join rate_card on rate_card.version = job.rate_version
  `;
  return {
    terminals: new Set(rows.flatMap(({ terminals }) => terminals.map(BigInt))),
    jobs: rows.map(({ jobNumber, fuel, unitsDone, referenceFuelPerSecond }) => ({
      jobNumber,
      fuelPerUnit: unitsDone === 0 ? undefined : Number(fuel) / unitsDone,
      referenceFuelPerSecond: Number(referenceFuelPerSecond),
    })),
  };
}

/** What came of a copy at its terminal. */
export interface CopyReport {
  readonly assignmentId: bigint;
  readonly terminalNumber: bigint;
  readonly units: number;
  readonly fuel: bigint;
  readonly isReference: boolean;
  /** Of a reference executor: why it could not compute it, if it was not only stopped. */
  readonly returnCause: ReturnCause | undefined;
}

/**
 * Notes that a copy came in, whole, in part, or not at all; undefined (zero rows) when it lapsed before. What a reference
 * executor returns is wanted again, which says how often that was so.
 */
export async function updateReported(
  tx: Transaction,
  report: CopyReport,
): Promise<{ readonly returns: number; readonly jobId: string } | undefined> {
  const returnCause = report.isReference ? (report.returnCause ?? null) : null;
  const [row] = await tx<{ returns: number; jobId: string }[]>`
    update audit
    set state = case
          when ${report.units} = units then 'in'
          when ${report.isReference} then 'wanted'
          else 'lapsed'
        end,
        result_units = ${report.units},
        fuel = ${report.fuel},
        points = case when ${report.isReference} or ${report.units} = 0 then 'none' else 'pending' end
        ${returnCause === null ? tx`` : tx`, ${setReturned(tx, { terminalNumber: report.terminalNumber, returnCause })}`}
    where assignment_id = ${report.assignmentId}
      and state = 'out'
    returning returns, (
      select coalesce(whole.id, job.id)
      from job
      left join job whole on whole.number = job.parent_number
      where job.number = audit.job_number
    ) as job_id
  `;
  return row;
}
