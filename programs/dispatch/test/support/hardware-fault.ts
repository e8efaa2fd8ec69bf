import assert from 'node:assert/strict';
import type { Sql } from '@taika/database/connect';
import type { JobId } from '@taika/protocol/schema';
import { cleanResultsOfHardware } from '@taika/trust/figures';
import { trustAtOnce } from './final-lie.ts';
import { reportOf, shout, type TestGrid, type TestWorker } from './grid.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

export interface HardwareFaultOptions {
  readonly grid: TestGrid;
  readonly sql: Sql;
  readonly worker: TestWorker;
  /** Honest ones, a reference executor among them. */
  readonly helpers: readonly TestWorker[];
}

/**
 * A trusted terminal hands in more right results than its single wrong one must stand against to look like a fault of the
 * hardware, then that one, and is revoked. Gives the job of the right ones, which the helpers have still to compute again.
 */
export async function breakHardware({ grid, sql, worker, helpers }: HardwareFaultOptions): Promise<JobId> {
  // What the reference vouched for already is not computed again, so it does not count.
  const count = cleanResultsOfHardware + 60;
  const jobId = await grid.submit(lines(count), { ...byLines, trust: 'economy' });
  await grid.reach(jobId, 'running');
  await trustAtOnce(sql, worker, 1_000);
  for (let done = 0; done < count; ) {
    const runs = await worker.take({ unitsMax: 1 });
    await worker.cycle({ reports: await Promise.all(runs.map((run) => reportOf(run, shout))), unitsMax: 0 });
    done += runs.length;
  }
  await lieOnce({ grid, sql, worker, helpers });
  return jobId;
}

/** Hands in one wrong result where everything is checked; the helpers work until its terminal is revoked. */
export async function lieOnce({ grid, sql, worker, helpers }: HardwareFaultOptions): Promise<void> {
  const jobId = await grid.submit(lines(2), { ...byLines, trust: 'strict' });
  await grid.reach(jobId, 'running');
  const [run] = await worker.take({ unitsMax: 1 });
  assert.equal(run?.jobId, jobId);
  await worker.cycle({ reports: [await reportOf(run, () => 'flipped\n')], unitsMax: 0 });
  await workUntilState({ sql, worker, helpers }, 'revoked');
  await Promise.all(helpers.map((helper) => helper.forgetHeld()));
}

/** The helpers work until the terminal's right is taken, or given back. */
export async function workUntilState(
  { sql, worker: { terminalId }, helpers }: Omit<HardwareFaultOptions, 'grid'>,
  state: 'active' | 'revoked',
): Promise<void> {
  const isReached = async () =>
    (await sql`select from terminal where id = ${terminalId} and state = ${state}`).length > 0;
  await Promise.all(helpers.map((helper) => helper.workUntil(isReached)));
}
