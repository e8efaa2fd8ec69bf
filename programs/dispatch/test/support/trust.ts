import assert from 'node:assert/strict';
import { replayDecisions } from '@taika/trust/replay';
import type { DispatchContext } from '../../src/context.ts';
import { readRecordedDecisions } from '../../src/trust/recorded-decisions.ts';
import { listDefects } from './grid.ts';

/** Nothing is wrong in the counts, and every recorded decision is what the rules give for what was known. */
export async function assertTrustworthy({
  sql,
  secrets,
}: Pick<DispatchContext, 'sql' | 'secrets'>): Promise<number> {
  assert.deepEqual(await listDefects(sql), []);
  const { decisions, poolOf } = await readRecordedDecisions(sql);
  assert.deepEqual([...replayDecisions(decisions, { secret: secrets.trust, poolOf })], []);
  return decisions.length;
}

/** Units and fuel of a job's points, by kind. */
export async function pointsOf({ sql }: Pick<DispatchContext, 'sql'>, jobId: string) {
  const rows = await sql<{ kind: string; units: number }[]>`
    select kind, sum(points_entry.units)::int as units
    from points_entry
    join job on job.number = points_entry.job_number
    where job.id = ${jobId}
    group by kind
  `;
  return Object.fromEntries(rows.map(({ kind, units }) => [kind, units]));
}
