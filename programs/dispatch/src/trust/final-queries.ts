import type { Transaction } from '@taika/database/connect';
import { auditsBeforeFinal } from '@taika/trust/figures';
import { pgArray } from '../pg-array.ts';

/** Units of a job that became final. */
export interface FinalSum {
  readonly jobNumber: bigint;
  readonly units: number;
}

/** Which open runs become final. */
export type FinalWhich =
  /** Those whose terminals have passed enough audits since. */
  | { readonly kind: 'passed'; readonly terminalNumbers: readonly bigint[] }
  /** Those that a job's flush was drawn from. */
  | { readonly kind: 'flushed'; readonly jobNumber: bigint; readonly terminalNumber: bigint };

/**
 * Makes runs final that await nothing, and pays those of trusted terminals; a newcomer's stay pending until it is vested.
 * Pays copies that agreed with these, and those that were held until their own terminal passed so many audits.
 * The guarded update is what makes each final once and paid once.
 */
export async function finalizeRuns(tx: Transaction, which: FinalWhich, now: Date): Promise<FinalSum[]> {
  const condition =
    which.kind === 'passed'
      ? tx`r.terminal_number = any(${pgArray(which.terminalNumbers)}::text::bigint[])
           and t.standing <> 'revoked'
           and r.final_after <= t.passed`
      : tx`r.job_number = ${which.jobNumber}
           and r.terminal_number = ${which.terminalNumber}
           and r.committed_at <= (
             select drawn_at from job_flush
             where job_number = ${which.jobNumber} and terminal_number = ${which.terminalNumber}
           )`;
  return tx<FinalSum[]>`
    with moved as (
      update trust_run r
      set state = 'final',
          final_at = ${now},
          points = case when t.standing = 'trusted' and r.points = 'pending' then 'paid' else r.points end
      from terminal_trust t
      where t.terminal_number = r.terminal_number
        and r.state = 'open'
        and not r.awaits
        and ${condition}
      returning r.job_number, r.units, r.terminal_number, r.member_number, r.fuel, r.assignment_id,
        old.points = 'pending' and new.points = 'paid' as is_paid
    ),
    agreeing as (
      update audit
      set points = 'paid'
      from moved
      where audit.author_assignment = moved.assignment_id
        and audit.points = 'pending'
        and audit.outcome in ('equal', 'equal-part')
      returning audit.job_number, audit.terminal_number, audit.fuel, audit.result_units
    ),
    held as (
      update audit
      set points = 'paid'
      from terminal_trust t
      where ${which.kind === 'passed' ? tx`audit.terminal_number = any(${pgArray(which.terminalNumbers)}::text::bigint[])` : tx`false`}
        and t.terminal_number = audit.terminal_number
        and t.standing = 'trusted'
        and audit.points = 'pending'
        and audit.final_after <= t.passed
        and audit.author_assignment not in (select assignment_id from moved)
      returning audit.job_number, audit.terminal_number, audit.fuel, audit.result_units
    ),
    paid_copies as (
      select job_number, terminal_number, fuel, result_units from agreeing
      union all
      select job_number, terminal_number, fuel, result_units from held
    ),
    earned as (
      insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
      select member_number, terminal_number, job_number, 'finalized', sum(fuel)::bigint, sum(units)::int, ${now}::timestamptz
      from (
        select member_number, terminal_number, job_number, fuel, units
        from moved
        where is_paid
        union all
        select terminal.member_number, c.terminal_number, c.job_number, c.fuel, c.result_units
        from paid_copies c
        join terminal on terminal.number = c.terminal_number
      ) parts
      group by member_number, terminal_number, job_number
    )
    select job_number, sum(units)::int as units
    from moved
    group by job_number
  `;
}

/** What of a terminal's escrow is settled. */
export type EscrowWhich =
  /** It is trusted now: what was final already is paid. */
  | { readonly kind: 'vest'; readonly terminalNumber: bigint }
  /** It lied: whatever is pending is forfeited, copies too. */
  | { readonly kind: 'forfeit'; readonly terminalNumber: bigint }
  /** One run that does not stand. */
  | { readonly kind: 'forfeit-run'; readonly jobNumber: bigint; readonly firstUnit: number };

/** Pays or forfeits what is pending; each bit of fuel once, because the rows leave `pending` in the same statement. */
export async function settleEscrow(tx: Transaction, which: EscrowWhich, now: Date): Promise<void> {
  const to = which.kind === 'vest' ? 'paid' : 'forfeited';
  const runs =
    which.kind === 'vest'
      ? tx`terminal_number = ${which.terminalNumber} and state = 'final'`
      : which.kind === 'forfeit'
        ? tx`terminal_number = ${which.terminalNumber}`
        : tx`job_number = ${which.jobNumber} and first_unit = ${which.firstUnit}`;
  const copies =
    which.kind === 'forfeit'
      ? tx`terminal_number = ${which.terminalNumber} and state in ('in', 'done', 'lapsed')`
      : tx`false`;
  await tx`
    with runs as (
      update trust_run
      set points = ${to}
      where points = 'pending'
        and ${runs}
      returning member_number, terminal_number, job_number, fuel, units
    ),
    copies as (
      update audit
      set points = ${to}
      where points = 'pending'
        and ${copies}
      returning terminal_number, job_number, fuel, result_units
    )
    insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
    select member_number, terminal_number, job_number, ${to === 'paid' ? 'finalized' : 'forfeited'}, sum(fuel)::bigint,
           sum(units)::int, ${now}::timestamptz
    from (
      select member_number, terminal_number, job_number, fuel, units from runs
      union all
      select terminal.member_number, copies.terminal_number, copies.job_number, copies.fuel, copies.result_units
      from copies
      join terminal on terminal.number = copies.terminal_number
    ) parts
    group by member_number, terminal_number, job_number
  `;
}

/**
 * Pays or forfeits one copy, whatever becomes of the result that it was of. What was paid before it was known to be wrong is
 * taken back.
 */
export async function settleCopy(
  tx: Transaction,
  auditId: bigint,
  { to, now }: { readonly to: 'paid' | 'forfeited'; readonly now: Date },
): Promise<void> {
  await tx`
    with copy as (
      update audit
      set points = ${to}
      where id = ${auditId}
        and points in ('pending', 'paid')
        and points <> ${to}
      returning terminal_number, job_number, fuel, result_units, old.points = 'paid' as was_paid
    )
    insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
    select terminal.member_number, copy.terminal_number, copy.job_number,
           case when copy.was_paid then 'recalled' else ${to === 'paid' ? 'finalized' : 'forfeited'} end,
           copy.fuel, copy.result_units, ${now}::timestamptz
    from copy
    join terminal on terminal.number = copy.terminal_number
  `;
}

/** A copy of a member's terminal of which it is not known, or was too early to know, whether it is right. */
export interface ClaimedCopy {
  readonly id: bigint;
  readonly assignmentId: bigint;
  readonly outcome: string;
  readonly points: 'pending' | 'paid';
}

/** The copies of a result that claim something, or were paid. */
export function listClaimedCopies(tx: Transaction, authorAssignment: bigint): Promise<ClaimedCopy[]> {
  return tx<ClaimedCopy[]>`
    select id, assignment_id, outcome, points
    from audit
    where author_assignment = ${authorAssignment}
      and kind = 'copy'
      and state = 'done'
      and points in ('pending', 'paid')
    order by id
  `;
}

/** Which copies are held. */
export type HeldWhich =
  | { readonly kind: 'one'; readonly auditId: bigint }
  /** Those of results that do not stand any more. */
  | { readonly kind: 'of-results'; readonly assignmentIds: readonly bigint[] };

/** Nothing will tell whether these copies are right: each is paid once its own terminal passed a hundred further audits. */
export async function holdCopies(tx: Transaction, which: HeldWhich): Promise<void> {
  const condition =
    which.kind === 'one'
      ? tx`audit.id = ${which.auditId}`
      : tx`audit.author_assignment = any(${pgArray(which.assignmentIds)}::text::bigint[])`;
  await tx`
    update audit
    set final_after = t.drawn + ${auditsBeforeFinal}::int
    from terminal_trust t
    where t.terminal_number = audit.terminal_number
      and audit.points = 'pending'
      and audit.final_after is null
      and ${condition}
  `;
}

/**
 * A result that is wrong was paid: what it earned is taken back. Once, because the row leaves `paid` in the same statement.
 * What of it was spent becomes a debt (rewards/member-postings.ts).
 */
export async function recallPaid(
  tx: Transaction,
  { jobNumber, firstUnit }: { readonly jobNumber: bigint; readonly firstUnit: number },
  now: Date,
): Promise<void> {
  await tx`
    with run as (
      update trust_run
      set points = 'forfeited'
      where job_number = ${jobNumber}
        and first_unit = ${firstUnit}
        and points = 'paid'
      returning member_number, terminal_number, job_number, fuel, units
    )
    insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
    select member_number, terminal_number, job_number, 'recalled', fuel, units, ${now}::timestamptz
    from run
  `;
}

/** How many of each terminal's results in a job are open, and how many of these passed a check drawn at random. */
export function countOpen(
  tx: Transaction,
  jobNumber: bigint,
): Promise<
  {
    readonly terminalNumber: bigint;
    readonly open: number;
    readonly checked: number;
    readonly isDrawn: boolean;
  }[]
> {
  return tx<{ terminalNumber: bigint; open: number; checked: number; isDrawn: boolean }[]>`
    select r.terminal_number, count(*)::int as open, count(*) filter (where r.is_sampled)::int as checked,
           exists (
             select from job_flush f
             where f.job_number = ${jobNumber} and f.terminal_number = r.terminal_number
           ) as is_drawn
    from trust_run r
    where r.job_number = ${jobNumber}
      and r.state = 'open'
    group by r.terminal_number
    order by r.terminal_number
  `;
}

/** Notes that a terminal's open results of a job are what a flush is drawn from. */
export async function insertFlush(
  tx: Transaction,
  flush: { readonly jobNumber: bigint; readonly terminalNumber: bigint; readonly now: Date },
): Promise<void> {
  await tx`
    insert into job_flush (job_number, terminal_number, drawn_at)
    values (${flush.jobNumber}, ${flush.terminalNumber}, ${flush.now})
    on conflict do nothing
  `;
}

/** The flush has passed; what comes later needs another one. */
export async function deleteFlush(
  tx: Transaction,
  { jobNumber, terminalNumber }: { readonly jobNumber: bigint; readonly terminalNumber: bigint },
): Promise<void> {
  await tx`
    delete from job_flush
    where job_number = ${jobNumber}
      and terminal_number = ${terminalNumber}
  `;
}
