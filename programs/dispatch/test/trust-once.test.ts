import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JobId } from '@taika/protocol/schema';
import { createGrid, pause, reportOf, type TestGrid, type TestWorker } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertEverythingEarnedOnce, assertOfferedOnce, assertTraceIsTrue } from './support/trust.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

let dispatch: TestDispatch;
let grid: TestGrid;
let reference: TestWorker;

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  reference = await addOwnWorker(dispatch, 'reference');
});
after(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;

function isOver(jobId: JobId) {
  return async () => ['done', 'failed', 'cancelled'].includes((await grid.read(jobId)).state);
}

test('what a member gave back goes to another member, and never to it again', async () => {
  const jobId = await grid.submit(lines(6), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  const [quitter, other] = [await grid.terminal(), await grid.terminal()];
  // So that it is known to be there.
  await other.cycle({ unitsMax: 0 });
  const [first] = await quitter.take({ unitsMax: 1 });
  assert.ok(first);
  await quitter.cycle({ reports: [await reportOf(first, undefined, 0)], unitsMax: 0 });
  const over = isOver(jobId);
  const units: number[] = [];
  const noting = (worker: TestWorker) =>
    worker.workUntil(over, (input, unit) => {
      units.push(unit);
      return input.toUpperCase();
    });
  await Promise.all([noting(quitter), other.workUntil(over), reference.workUntil(over)]);
  await grid.reach(jobId, 'done');
  assert.ok(!units.includes(first.firstUnit), `Unit ${first.firstUnit} came to it a second time.`);
  assert.equal(await grid.result(jobId), lines(6).toUpperCase());
  await check();
});

test('where no other member is left the reference executor computes it, final and earned by nobody', async () => {
  await retireTerminals();
  const jobId = await grid.submit(lines(4), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  const only = await grid.terminal();
  const [first] = await only.take({ unitsMax: 2 });
  assert.ok(first);
  await only.cycle({ reports: [await reportOf(first, undefined, 0)], unitsMax: 0 });
  const over = isOver(jobId);
  await Promise.all([only.workUntil(over), reference.workUntil(over)]);
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(4).toUpperCase());
  const decided = await sql()<{ terminalId: string; points: string }[]>`
    select t.id as terminal_id, r.points
    from trust_decision d
    join trust_run r on r.assignment_id = d.assignment_id
    join terminal t on t.number = d.terminal_number
    join job on job.number = d.job_number
    where job.id = ${jobId}
      and d.event ->> 'kind' = 'referred'
  `;
  assert.ok(decided.length > 0);
  for (const { terminalId, points } of decided) {
    assert.equal(terminalId, reference.terminalId);
    assert.notEqual(points, 'paid');
  }
  const earned = await sql()`
    select from points_entry e join terminal t on t.number = e.terminal_number where t.id = ${reference.terminalId}
  `;
  assert.equal(earned.length, 0);
  await check();
});

test('a unit that came back in part, too late, and from a liar was never offered to a member twice', async () => {
  await retireTerminals();
  const jobId = await grid.submit(lines(120), { ...byLines, trust: 'high' });
  await grid.reach(jobId, 'running');
  const over = isOver(jobId);
  const workers = await Promise.all(Array.from({ length: 5 }, () => grid.terminal()));
  const liar = await grid.terminal();
  const careless = async (worker: TestWorker, nth: number) => {
    for (let turn = nth; !(await over()); turn++) {
      const { assignments } = await worker.cycle({ unitsMax: 5 });
      for (const assignment of assignments) {
        if (turn % 7 === 3) {
          await sql()`update assignment set deadline = now() where id = ${assignment.assignmentId}`;
          continue;
        }
        const all = assignment.input.lengths.length;
        const report = await reportOf(assignment, undefined, turn % 5 === 1 ? Math.floor(all / 2) : all);
        await worker.cycle({ reports: [report], unitsMax: 0 });
      }
      await pause();
    }
  };
  let isLying = 0;
  await Promise.all([
    ...workers.map(careless),
    reference.workUntil(over),
    liar
      .workUntil(over, (input) => (isLying++ < 12 ? input.toUpperCase() : 'lie\n'), { unitsMax: 3 })
      .catch((error: unknown) => assert.match(String(error), /revoked/)),
  ]);
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(120).toUpperCase());
  await check();
});

async function check(): Promise<void> {
  await assertTraceIsTrue(sql());
  await assertOfferedOnce(sql());
  await assertEverythingEarnedOnce(sql());
}

/** Terminals of earlier tests are not there any more. */
async function retireTerminals(): Promise<void> {
  await sql()`
    update terminal_presence p
    set state = 'paused'
    from terminal t
    where t.number = p.terminal_number
      and t.role = 'member'
  `;
}
