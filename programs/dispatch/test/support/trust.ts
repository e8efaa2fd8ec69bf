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

/** Of each terminal and job: no more fuel left escrow than came in, and nothing that a result earned was earned by another too. */
export async function assertEverythingEarnedOnce(sql: Sql): Promise<void> {
  const overdrawn = await sql`
    select terminal_number, job_number, sum(case kind when 'committed' then fuel else -fuel end) as pending
    from points_entry
    where kind <> 'accepted'
    group by terminal_number, job_number
    having sum(case kind when 'committed' then fuel else -fuel end) < 0
  `;
  assert.deepEqual([...overdrawn], []);
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
