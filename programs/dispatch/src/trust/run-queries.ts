import type { Transaction } from '@taika/database/connect';
import { limits } from '@taika/protocol/limits';
import { pgArray } from '../pg-array.ts';
import type { ComparedResult } from './compare-results.ts';
import type { TrustRun } from './trust-run.ts';

function selectRuns(tx: Transaction) {
  return tx`
    select r.job_number, r.first_unit, r.units, r.assignment_id, r.terminal_number, r.member_number, r.fuel, r.state,
           r.awaits, r.voucher, r.points, sha256(result.digests) as commit_hash,
           array(
             select member_number
             from result other
             where other.job_number = r.job_number
               and other.first_unit = r.first_unit
               and other.member_number <> r.member_number
             union
             select member_number
             from unit_holder h
             where h.job_number = r.job_number
               and h.first_unit > r.first_unit - ${limits.runUnitsMax}
               and h.first_unit < r.first_unit + r.units
               and h.first_unit + h.units > r.first_unit
               and h.member_number <> r.member_number
             order by 1
           ) as former_members`;
}

/** A committed run that nothing was decided about yet. */
export interface CommittedRun extends TrustRun {
  readonly committedAt: Date;
  /** One wrong result would be the whole job's: a program that fails it, or that decides on its next round (TRUST.md, rule 8). */
  readonly isCritical: boolean;
}

/** The oldest results that wait for a decision. */
export function listCommitted(tx: Transaction, limit: number): Promise<CommittedRun[]> {
  return tx<CommittedRun[]>`
    ${selectRuns(tx)}, r.committed_at, result.failures is not null or job.phase_kind <> 'stage' as is_critical
    from trust_run r
    join result using (job_number, first_unit, assignment_id)
    join job on job.number = r.job_number
    join job_cursor c on c.job_number = r.job_number
    where r.state = 'committed'
      and (c.is_open or job.state in ('failed', 'cancelled'))
    order by r.committed_at, r.assignment_id
    limit ${limit}
  `;
}

/** The run that stands for these units; undefined when it was dropped, or cut anew. */
export async function findRun(
  tx: Transaction,
  { jobNumber, firstUnit }: { readonly jobNumber: bigint; readonly firstUnit: number },
): Promise<TrustRun | undefined> {
  const [row] = await tx<TrustRun[]>`
    ${selectRuns(tx)}
    from trust_run r
    join result using (job_number, first_unit, assignment_id)
    where r.job_number = ${jobNumber}
      and r.first_unit = ${firstUnit}
  `;
  return row;
}

/** A result that does not stand any more, as the run that it was. */
export async function findFormerRun(
  tx: Transaction,
  {
    jobNumber,
    firstUnit,
    authorAssignment,
  }: { readonly jobNumber: bigint; readonly firstUnit: number; readonly authorAssignment: bigint },
): Promise<TrustRun | undefined> {
  const [row] = await tx<TrustRun[]>`
    select job_number, first_unit, units, assignment_id, terminal_number, member_number, fuel, 'open' as state,
           false as awaits, null::bigint as voucher, 'forfeited' as points, sha256(digests) as commit_hash,
           array[]::bigint[] as former_members
    from result
    where job_number = ${jobNumber}
      and first_unit = ${firstUnit}
      and assignment_id = ${authorAssignment}
  `;
  return row;
}

/** Results of a run, by assignment. */
export async function readResults(
  tx: Transaction,
  { jobNumber, firstUnit }: { readonly jobNumber: bigint; readonly firstUnit: number },
  assignmentIds: readonly bigint[],
): Promise<Map<bigint, ComparedResult & ResultOwner>> {
  const rows = await tx<(ComparedResult & ResultOwner)[]>`
    select assignment_id, terminal_number, member_number, fuel, units, digests, outputs, blobs, failures
    from result
    where job_number = ${jobNumber}
      and first_unit = ${firstUnit}
      and assignment_id = any(${pgArray(assignmentIds)}::text::bigint[])
  `;
  return new Map(rows.map((row) => [row.assignmentId, row]));
}

/** Whose a result is. */
export interface ResultOwner {
  readonly assignmentId: bigint;
  readonly terminalNumber: bigint;
  readonly memberNumber: bigint;
  readonly fuel: bigint;
}

/** Puts committed runs under quarantine. */
export async function updateQuarantined(
  tx: Transaction,
  runs: readonly {
    readonly jobNumber: bigint;
    readonly firstUnit: number;
    readonly finalAfter: number;
    readonly awaits: boolean;
  }[],
): Promise<void> {
  await tx`
    update trust_run r
    set state = 'open',
        final_after = decided.final_after,
        awaits = decided.awaits
    from unnest(
      ${pgArray(runs.map(({ jobNumber }) => jobNumber))}::text::bigint[],
      ${pgArray(runs.map(({ firstUnit }) => firstUnit))}::text::int[],
      ${pgArray(runs.map(({ finalAfter }) => finalAfter))}::text::int[],
      ${`{${runs.map(({ awaits }) => awaits).join(',')}}`}::text::boolean[]
    ) as decided (job_number, first_unit, final_after, awaits)
    where r.job_number = decided.job_number
      and r.first_unit = decided.first_unit
  `;
}

/** A copy is in: the run awaits nothing any more, and `voucher` agreed with it, if anybody did. */
export async function updateCompared(
  tx: Transaction,
  { jobNumber, firstUnit }: Pick<TrustRun, 'jobNumber' | 'firstUnit'>,
  { voucher, isSampled }: { readonly voucher: bigint | null; readonly isSampled: boolean },
): Promise<void> {
  await tx`
    update trust_run
    set awaits = false,
        voucher = coalesce(${voucher}::bigint, voucher),
        is_sampled = case when ${voucher}::bigint is null then is_sampled else ${isSampled} end
    where job_number = ${jobNumber}
      and first_unit = ${firstUnit}
  `;
}

/** The terminals whose copies of a result were equal to it, in the order of terminals. */
export async function listVouchers(tx: Transaction, authorAssignment: bigint): Promise<bigint[]> {
  const rows = await tx<{ byTerminal: bigint }[]>`
    select distinct by_terminal
    from audit
    where author_assignment = ${authorAssignment}
      and kind = 'copy'
      and outcome = 'equal'
      and by_terminal is not null
    order by by_terminal
  `;
  return rows.map(({ byTerminal }) => byTerminal);
}

/** Forgets who agreed with a run. */
export async function clearVoucher(
  tx: Transaction,
  { jobNumber, firstUnit }: Pick<TrustRun, 'jobNumber' | 'firstUnit'>,
): Promise<void> {
  await tx`
    update trust_run
    set voucher = null
    where job_number = ${jobNumber}
      and first_unit = ${firstUnit}
  `;
}

/** The reference's answer stands from now on: final, and its own where the author's was another. */
export async function updateSettled(
  tx: Transaction,
  run: TrustRun,
  { truth, now }: { readonly truth: ResultOwner | undefined; readonly now: Date },
): Promise<void> {
  await tx`
    update trust_run
    set state = 'final',
        final_at = coalesce(final_at, ${now}),
        awaits = false,
        voucher = 0,
        assignment_id = ${truth?.assignmentId ?? run.assignmentId},
        terminal_number = ${truth?.terminalNumber ?? run.terminalNumber},
        member_number = ${truth?.memberNumber ?? run.memberNumber},
        fuel = ${truth?.fuel ?? run.fuel},
        -- Nobody earns by the reference's answer; what the author claimed was forfeited or is paid already.
        points = ${truth === undefined ? tx`points` : tx`'forfeited'`}
    where job_number = ${run.jobNumber}
      and first_unit = ${run.firstUnit}
  `;
}

/** Takes runs out, so that their units go out again; `awaitsComparison` compares what comes with what was dropped. */
export async function deleteRuns(
  tx: Transaction,
  runs: readonly TrustRun[],
  { now, awaitsComparison }: { readonly now: Date; readonly awaitsComparison: boolean },
): Promise<void> {
  const jobNumbers = pgArray(runs.map(({ jobNumber }) => jobNumber));
  const firstUnits = pgArray(runs.map(({ firstUnit }) => firstUnit));
  await tx`
    with gone as (
      delete from trust_run r
      using unnest(${jobNumbers}::text::bigint[], ${firstUnits}::text::int[]) as dropped (job_number, first_unit)
      where r.job_number = dropped.job_number
        and r.first_unit = dropped.first_unit
      returning r.job_number, r.first_unit, r.units, r.assignment_id, r.terminal_number
    ),
    kept as (
      insert into dropped_run (job_number, first_unit, units, assignment_id, terminal_number, dropped_at, compared_units)
      select job_number, first_unit, units, assignment_id, terminal_number, ${now}::timestamptz,
             case when ${awaitsComparison} then 0 else units end
      from gone
    ),
    held as (
      insert into unit_holder (job_number, first_unit, units, member_number)
      select distinct gone.job_number, gone.first_unit, gone.units, result.member_number
      from gone
      join result using (job_number, first_unit)
    )
    insert into reissue (job_number, first_unit, units, returned_by)
    select job_number, first_unit, units, terminal_number
    from gone
    join job_cursor c using (job_number)
    where c.is_open
  `;
}

/** Notes that runs await a copy, a decoy's from its commit on. */
export async function updateAwaiting(
  tx: Transaction,
  runs: readonly Pick<TrustRun, 'jobNumber' | 'firstUnit'>[],
): Promise<void> {
  await tx`
    update trust_run r
    set awaits = true,
        state = case when r.state = 'committed' then 'open' else r.state end
    from unnest(
      ${pgArray(runs.map(({ jobNumber }) => jobNumber))}::text::bigint[],
      ${pgArray(runs.map(({ firstUnit }) => firstUnit))}::text::int[]
    ) as awaiting (job_number, first_unit)
    where r.job_number = awaiting.job_number
      and r.first_unit = awaiting.first_unit
  `;
}

/** Runs of a terminal that its revocation concerns: open ones, or final ones. */
export function listRunsOf(
  tx: Transaction,
  terminalNumber: bigint,
  state: 'open' | 'final',
): Promise<TrustRun[]> {
  return tx<TrustRun[]>`
    ${selectRuns(tx)}
    from trust_run r
    join result using (job_number, first_unit, assignment_id)
    where r.terminal_number = ${terminalNumber}
      and r.state = ${state}
    order by r.committed_at, r.assignment_id
  `;
}

/** Results that were dropped for these units and are not compared yet. */
export function listDroppedWithin(
  tx: Transaction,
  { jobNumber, firstUnit, units }: Pick<TrustRun, 'jobNumber' | 'firstUnit' | 'units'>,
  runUnitsMax: number,
): Promise<(DroppedRun & { readonly digests: Buffer })[]> {
  return tx<(DroppedRun & { digests: Buffer })[]>`
    select d.first_unit, d.units, d.assignment_id, d.terminal_number, d.compared_units, d.is_wrong, result.digests
    from dropped_run d
    join result using (job_number, first_unit, assignment_id)
    where d.job_number = ${jobNumber}
      and d.first_unit > ${firstUnit - runUnitsMax}
      and d.first_unit < ${firstUnit + units}
      and d.first_unit + d.units > ${firstUnit}
      and d.compared_units < d.units
  `;
}

/** A result that was dropped. */
export interface DroppedRun {
  readonly firstUnit: number;
  readonly units: number;
  readonly assignmentId: bigint;
  readonly terminalNumber: bigint;
  readonly comparedUnits: number;
  readonly isWrong: boolean;
}

/** Whether anything dropped waits to be compared: nearly never, and then nothing else is read. */
export async function hasDropped(tx: Transaction): Promise<boolean> {
  const [row] = await tx<{ has: boolean }[]>`
    select exists (select from dropped_run where compared_units < units) as has
  `;
  return row?.has === true;
}

/** Notes how far a dropped result was compared. */
export async function updateDropped(tx: Transaction, jobNumber: bigint, dropped: DroppedRun): Promise<void> {
  await tx`
    update dropped_run
    set compared_units = ${dropped.comparedUnits},
        is_wrong = ${dropped.isWrong}
    where job_number = ${jobNumber}
      and first_unit = ${dropped.firstUnit}
      and assignment_id = ${dropped.assignmentId}
  `;
}

/** A terminal's open runs of a job that were not checked by chance yet, in the order of units. */
export function listFlushable(
  tx: Transaction,
  { jobNumber, terminalNumber }: { readonly jobNumber: bigint; readonly terminalNumber: bigint },
): Promise<TrustRun[]> {
  return tx<TrustRun[]>`
    ${selectRuns(tx)}
    from trust_run r
    join result using (job_number, first_unit, assignment_id)
    where r.job_number = ${jobNumber}
      and r.terminal_number = ${terminalNumber}
      and r.state = 'open'
      and not r.is_sampled
      and not r.awaits
    order by r.first_unit
  `;
}

/** The last open run of a terminal in a job: names the flush's draw. */
export async function findLastOpen(
  tx: Transaction,
  { jobNumber, terminalNumber }: { readonly jobNumber: bigint; readonly terminalNumber: bigint },
): Promise<TrustRun | undefined> {
  const [row] = await tx<TrustRun[]>`
    ${selectRuns(tx)}
    from trust_run r
    join result using (job_number, first_unit, assignment_id)
    where r.job_number = ${jobNumber}
      and r.terminal_number = ${terminalNumber}
      and r.state = 'open'
    order by r.first_unit desc
    limit 1
  `;
  return row;
}
