import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JobId } from '@taika/protocol/schema';
import {
  createGrid,
  listDefects,
  pause,
  reportOf,
  shout,
  type TestGrid,
  type TestWorker,
} from './support/grid.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

let dispatch: TestDispatch;
let grid: TestGrid;

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

async function entries(jobId: JobId) {
  const rows = await dispatch.server.context.sql<{ kind: string; units: number; fuel: string }[]>`
    select kind, sum(points_entry.units)::int as units, sum(points_entry.fuel) as fuel
    from points_entry
    join job on job.number = points_entry.job_number
    where job.id = ${jobId}
    group by kind
    order by kind
  `;
  return Object.fromEntries(rows.map(({ kind, units }) => [kind, units]));
}

test('with two copies every unit is computed by two members and counted once', async () => {
  const jobId = await grid.submit(lines(50), { ...byLines, copies: 2 });
  await grid.reach(jobId, 'running');
  const isOver = async () => (await grid.read(jobId)).state !== 'running';
  const workers = await Promise.all([grid.terminal(), grid.terminal(), grid.terminal()]);
  await Promise.all(workers.map((worker) => worker.workUntil(isOver)));
  const view = await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(50).toUpperCase());
  assert.equal(view.fuel, String(50 * 1000 + lines(50).length));
  assert.deepEqual(await entries(jobId), { committed: 100, finalized: 100 });
  const [doubled] = await dispatch.server.context.sql<{ units: number }[]>`
    select count(*)::int as units
    from result a
    join result b on b.job_number = a.job_number and b.member_number = a.member_number
      and b.assignment_id > a.assignment_id
      and b.first_unit < a.first_unit + a.units and b.first_unit + b.units > a.first_unit
  `;
  assert.equal(doubled!.units, 0, 'A member computed a unit twice.');
  assert.deepEqual(await listDefects(dispatch.server.context.sql), []);
});

test('one member alone cannot finish a job with two copies, and the job says so', async () => {
  const jobId = await grid.submit(lines(4), { ...byLines, copies: 2 });
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  for (;;) {
    const { assignments } = await worker.cycle();
    if (assignments.length === 0 && (await computed(jobId)) === 4) break;
    for (const assignment of assignments) {
      await worker.cycle({ reports: [await reportOf(assignment)], unitsMax: 0 });
    }
    await pause();
  }
  while ((await grid.read(jobId)).reason.code !== 'no-other-member') {
    await worker.cycle();
    await pause();
  }
  const view = await grid.read(jobId);
  assert.equal(view.units.done, 0);
  await grid.cancel(jobId);
});

async function computed(jobId: JobId): Promise<number> {
  const [row] = await dispatch.server.context.sql<{ units: number }[]>`
    select coalesce(sum(result.units), 0)::int as units
    from result
    join job on job.number = result.job_number
    where job.id = ${jobId}
  `;
  return row!.units;
}

test('the one who says something else earns nothing, and a third member decides', async () => {
  const jobId = await grid.submit(lines(6), { ...byLines, copies: 2 });
  await grid.reach(jobId, 'running');
  const isOver = async () => (await grid.read(jobId)).state !== 'running';
  const liar = await grid.terminal();
  const honest = await Promise.all([grid.terminal(), grid.terminal()]);
  await computeAll(liar, jobId, 6, () => 'a lie\n');
  await Promise.all(honest.map((worker) => worker.workUntil(isOver)));
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(6).toUpperCase());
  assert.deepEqual(await entries(jobId), { committed: 18, finalized: 12, forfeited: 6 });
  assert.deepEqual(await listDefects(dispatch.server.context.sql), []);
});

async function computeAll(worker: TestWorker, jobId: JobId, units: number, compute: typeof shout) {
  while ((await computed(jobId)) < units) {
    for (const assignment of (await worker.cycle()).assignments) {
      await worker.cycle({ reports: [await reportOf(assignment, compute)], unitsMax: 0 });
    }
  }
}

test('members who all say something else end the job', async () => {
  const jobId = await grid.submit('a\n', { ...byLines, copies: 2 });
  await grid.reach(jobId, 'running');
  for (let nth = 0; nth < 5; nth++) {
    const worker = await grid.terminal();
    const [assignment] = await worker.take();
    await worker.cycle({ reports: [await reportOf(assignment!, () => `answer ${nth}\n`)], unitsMax: 0 });
  }
  const view = await grid.reach(jobId, 'failed');
  assert.equal(view.reason.code, 'copies-disagree');
});

test('copies that come back in part, or not at all, are asked of others', async () => {
  const jobId = await grid.submit(lines(40), { ...byLines, copies: 2 });
  await grid.reach(jobId, 'running');
  const isOver = async () => (await grid.read(jobId)).state !== 'running';
  const first = await grid.terminal();
  await computeAll(first, jobId, 40, shout);
  const half = await grid.terminal();
  for (const assignment of await half.take()) {
    await half.cycle({ reports: [await reportOf(assignment, shout, 1)], unitsMax: 0 });
  }
  const lost = await grid.terminal();
  const { sql } = dispatch.server.context;
  for (const { assignmentId } of await lost.take()) {
    await sql`update assignment set deadline = now() where id = ${assignmentId}`;
  }
  const last = await grid.terminal();
  await last.workUntil(isOver);
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(40).toUpperCase());
  assert.deepEqual(await listDefects(sql), []);
});
