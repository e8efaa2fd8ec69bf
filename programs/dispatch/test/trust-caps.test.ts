import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JobId } from '@taika/protocol/schema';
import { systemClock } from '@taika/runtime/clock';
import { createCaps } from '../src/trust/caps.ts';
import { createGrid, pause, reportOf, type TestGrid, type TestWorker } from './support/grid.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
const units = 100;

let dispatch: TestDispatch;
let grid: TestGrid;
let jobId: JobId;
const established: TestWorker[] = [];

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;

test('a young pool caps nobody', async () => {
  jobId = await grid.submit(lines(units), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  const alone = await grid.terminal();
  assert.equal(await takeAll(alone), units);
  await grid.cancel(jobId);
});

test('once forty terminals are trusted, newcomers get a fifth of a job and a member a tenth, and the rest is others’', async () => {
  for (let nth = 0; nth < 40; nth++) {
    established.push(await grid.terminal());
  }
  await Promise.all(established.map((worker) => worker.cycle({ unitsMax: 0 })));
  await trust(established);
  await until(async () => (await poolSize()) >= 40);
  await capsAreRead();
  jobId = await grid.submit(lines(units), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');

  const newcomers = [await grid.terminal(), await grid.terminal(), await grid.terminal()];
  const had: number[] = [];
  for (const newcomer of newcomers) {
    had.push(await takeAll(newcomer));
  }
  assert.deepEqual(had, [10, 10, 0], 'A tenth each, and a fifth in all.');
  const [first, ...others] = established;
  assert.ok(first);
  assert.equal(await takeAll(first), 10);
  // Also when what it has is in, and read anew.
  await capsAreRead();
  assert.equal(await takeAll(first), 10);
  for (const worker of others.slice(0, 7)) {
    assert.equal(await takeAll(worker), 10);
  }
  const [last] = others.slice(7);
  assert.ok(last);
  assert.equal(await takeAll(last), 0, 'All of it is handed out.');
});

test('a job that only those may go on with who had their share stands still for a minute, and then goes on', async () => {
  let nowMs = 0;
  const caps = createCaps(sql(), { ...systemClock, monotonicMs: () => nowMs });
  await caps.refresh();
  const job = { number: 1_000_000n, trust: 'standard', unitCount: 100 } as const;
  const newcomer = { terminalNumber: 1_000_000n, memberNumber: 1_000_000n };
  assert.equal(caps.unitsFor(job, newcomer), 10);
  caps.note(job.number, newcomer, 10);
  assert.equal(caps.unitsFor(job, newcomer), 0);
  nowMs = 59_000;
  assert.equal(caps.unitsFor(job, newcomer), 0);
  // Somebody else got a run: the job goes on without it.
  caps.note(job.number, { terminalNumber: 1n, memberNumber: 1n }, 1);
  nowMs = 61_000;
  assert.equal(caps.unitsFor(job, newcomer), 0);
  nowMs = 122_000;
  assert.equal(caps.unitsFor(job, newcomer), Number.POSITIVE_INFINITY);
  nowMs += 10 * 60_000 + 1;
  assert.equal(caps.unitsFor(job, newcomer), 0);
});

/** Takes and reports until there is nothing more for it; gives how many units of the job it has handed in, copies not counted. */
async function takeAll(worker: TestWorker): Promise<number> {
  for (let empty = 0; empty < 15; ) {
    const { assignments } = await worker.cycle({ unitsMax: 4 });
    empty = assignments.length === 0 ? empty + 1 : 0;
    for (const assignment of assignments) {
      await worker.cycle({ reports: [await reportOf(assignment)], unitsMax: 0 });
    }
    if (assignments.length === 0) {
      await pause();
    }
  }
  const [row] = await sql()<{ units: number }[]>`
    select coalesce(sum(r.units), 0)::int as units
    from result r
    join terminal t on t.number = r.terminal_number
    join job on job.number = r.job_number
    where not r.is_copy
      and job.id = ${jobId}
      and t.id = ${worker.terminalId}
  `;
  return row?.units ?? 0;
}

async function trust(workers: readonly TestWorker[]): Promise<void> {
  await sql()`
    insert into terminal_trust
      (terminal_number, member_number, network, week, standing, is_decoy, probation_passed, passed, drawn, reentries, active_at)
    select number, member_number, 0, 0, 'trusted', false, 20, 1000, 1000, 0, now()
    from terminal
    where id in ${sql()(workers.map(({ terminalId }) => terminalId))}
  `;
}

async function poolSize(): Promise<number> {
  const [row] = await sql()<{ count: number }[]>`
    select count(*)::int as count
    from terminal_trust t
    join terminal_presence p on p.terminal_number = t.terminal_number
    where t.standing = 'trusted'
  `;
  return row?.count ?? 0;
}

/** The memory of caps is read anew every two seconds. */
function capsAreRead(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2_500));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    await pause();
  }
}
