import assert from 'node:assert/strict';
import type { Sql } from '@taika/database/connect';
import { replayDecisions } from '@taika/trust/replay';
import { readRecordedDecisions } from '../../src/trust/recorded-decisions.ts';
import { listDefects } from './grid.ts';

/** Nothing is wrong in the counts, and every recorded decision is what the rules give for what was known. Gives how many there are. */
export async function assertTraceIsTrue(sql: Sql): Promise<number> {
  assert.deepEqual(await listDefects(sql), []);
  const { decisions, poolOf } = await readRecordedDecisions(sql);
  const [secret] = await sql<{ value: Uint8Array }[]>`select value from secret where name = 'trust'`;
  assert.ok(secret);
  assert.deepEqual([...replayDecisions(decisions, { secret: secret.value, poolOf })], []);
  return decisions.length;
}

/** No unit of a job with a trust level was computed twice by one member, whatever came back, was dropped or checked. */
export async function assertOfferedOnce(sql: Sql): Promise<void> {
  const twice = await sql`
    select one.job_number, one.first_unit, other.first_unit as other_unit, one.member_number
    from result one
    join result other using (job_number, member_number)
    join job_cursor c using (job_number)
    join terminal on terminal.number = one.terminal_number
    where c.trust is not null
      and terminal.role = 'member'
      and one.assignment_id < other.assignment_id
      and one.first_unit < other.first_unit + other.units
      and other.first_unit < one.first_unit + one.units
    limit 10
  `;
  assert.deepEqual([...twice], []);
}

/** Of each terminal and job: no more fuel left escrow than came in, and nothing that a result earned was earned by another too. */
export async function assertEverythingEarnedOnce(sql: Sql): Promise<void> {
  const overdrawn = await sql`
    select terminal_number, job_number, sum(case kind when 'committed' then fuel else -fuel end) as pending
    from points_entry
    where kind in ('committed', 'finalized', 'forfeited')
    group by terminal_number, job_number
    having sum(case kind when 'committed' then fuel else -fuel end) < 0
  `;
  assert.deepEqual([...overdrawn], []);
  const takenTwice = await sql`
    select terminal_number, job_number, sum(case kind when 'finalized' then fuel else -fuel end) as paid
    from points_entry
    where kind in ('finalized', 'recalled')
    group by terminal_number, job_number
    having sum(case kind when 'finalized' then fuel else -fuel end) < 0
  `;
  assert.deepEqual([...takenTwice], [], 'No more is taken back than was paid.');
  const [committed] = await sql<{ entries: bigint; results: bigint }[]>`
    select (select coalesce(sum(fuel), 0)::bigint from points_entry where kind = 'committed') as entries,
           (
             select coalesce(sum(result.fuel), 0)::bigint
             from result
             join terminal on terminal.number = result.terminal_number
             where terminal.role <> 'reference'
           ) as results
  `;
  assert.equal(committed?.entries, committed?.results, 'Each result went into escrow once.');
}
