import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ReportText } from '@taika/protocol/dispatch/cycle';
import type { JobId } from '@taika/protocol/schema';
import { trustAtOnce } from './support/final-lie.ts';
import { createGrid, pause, reportOf, type TestGrid, type TestWorker } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertEverythingEarnedOnce, assertOfferedOnce, assertTraceIsTrue } from './support/trust.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

let dispatch: TestDispatch;
let grid: TestGrid;
let reference: TestWorker;
let decoy: TestWorker;
beforeEach(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  reference = await addOwnWorker(dispatch, 'reference');
  decoy = await addOwnWorker(dispatch, 'decoy');
});
afterEach(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;

test('who agrees with a decoy is revoked, who is honest never hurt by one, and no lie of it reaches the customer', async () => {
  const honest = [await trusted(), await trusted(), await trusted()];
  const accomplice = await trusted();
  await allAreThere(4);
  const jobId = await grid.submit(lines(120), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  const isOver = over(jobId);
  let told = 0;
  let seen = 0;
  await Promise.all([
    ...[...honest, reference].map((worker) => worker.workUntil(isOver, undefined, { unitsMax: 1 })),
    workAsDecoy(isOver, (_input, unit) => {
      told++;
      return knownToBeWrong(unit);
    }),
    workAsAccomplice(accomplice, isOver).catch((error: unknown) => assert.match(String(error), /revoked/)),
    (async () => {
      while (!(await isOver())) {
        for (const output of await provisionalOutputs(jobId)) {
          assert.doesNotMatch(output, /known to be wrong/);
          seen++;
        }
        await pause();
      }
    })(),
  ]);
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(120).toUpperCase());
  assert.ok(told > 3, `The decoy lied ${told} times.`);
  assert.ok(seen > 0);
  const [fallen, ...others] = await sql()<{ id: string; revokeReason: string }[]>`
    select id, revoke_reason from terminal where state = 'revoked'
  `;
  assert.deepEqual(
    [fallen?.id, fallen?.revokeReason, others.length],
    [accomplice.terminalId, 'trust: agreed-with-a-decoy', 0],
  );
  const hurt = await sql()`
    select from points_entry e
    join terminal t on t.number = e.terminal_number
    where e.kind = 'forfeited'
      and t.id in ${sql()(honest.map(({ terminalId }) => terminalId))}
  `;
  assert.equal(hurt.length, 0, 'Nobody honest lost points.');
  const paid = await sql()`
    select from points_entry e
    join terminal t on t.number = e.terminal_number
    where e.kind = 'finalized'
      and t.id = ${decoy.terminalId}
  `;
  assert.equal(paid.length, 0, 'A decoy earns nothing.');
  await assertTraceIsTrue(sql());
  await assertOfferedOnce(sql());
  await assertEverythingEarnedOnce(sql());
});

const knownToBeWrong = (unit: number) => `known to be wrong ${unit}\n`;

/** Agrees with the decoy, and lies in nothing else: what went out again after the decoy had it is computed truly. */
async function workAsAccomplice(accomplice: TestWorker, isOver: () => Promise<boolean>): Promise<void> {
  let reports: ReportText[] = [];
  while (!(await isOver())) {
    const reply = await accomplice.cycle({ reports, unitsMax: 1 });
    reports = await Promise.all(
      reply.assignments.map(async (assignment) => {
        const asked = await sql()`
          select
          from audit
          where assignment_id = ${assignment.assignmentId}
            and reason = 'decoy'
        `;
        return reportOf(assignment, asked.length > 0 ? (_input, unit) => knownToBeWrong(unit) : undefined);
      }),
    );
    if (reports.length === 0) await pause();
  }
}

test('a decoy that answers rightly harms nobody: the reference executor’s word comes before any revocation', async () => {
  const honest = [await trusted(), await trusted(), await trusted()];
  await allAreThere(3);
  const jobId = await grid.submit(lines(60), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  const isOver = over(jobId);
  await Promise.all([
    ...[...honest, reference].map((worker) => worker.workUntil(isOver, undefined, { unitsMax: 1 })),
    workAsDecoy(isOver, (input) => input.toUpperCase()),
  ]);
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(60).toUpperCase());
  const judged = await sql()<{ isPartnerRight: boolean }[]>`
    select (event ->> 'isPartnerRight')::boolean as is_partner_right
    from trust_decision
    where event ->> 'kind' = 'judged'
      and event ->> 'reason' = 'decoy'
  `;
  assert.ok(judged.length > 0, 'Somebody agreed with the decoy, and was judged.');
  assert.ok(judged.every(({ isPartnerRight }) => isPartnerRight));
  const hurt = await sql()`select from terminal where state = 'revoked'`;
  assert.equal(hurt.length, 0, 'Nobody lost its right.');
  const unpaid = await sql()`
    select from audit
    where reason = 'decoy'
      and kind = 'copy'
      and outcome is not null
      and points not in ('paid', 'none')
  `;
  assert.equal(unpaid.length, 0, 'Copies of a decoy’s right answers are paid.');
  await assertTraceIsTrue(sql());
  await assertEverythingEarnedOnce(sql());
});

test('in a pool where nobody can be asked a decoy’s run simply goes out again', async () => {
  const jobId = await grid.submit(lines(4), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  const [first] = await decoy.take({ unitsMax: 1 });
  assert.ok(first);
  await decoy.cycle({ reports: [await reportOf(first, () => 'known to be wrong\n')], unitsMax: 0 });
  const worker = await grid.terminal();
  const isOver = over(jobId);
  await Promise.all([worker, reference].map((one) => one.workUntil(isOver)));
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(4).toUpperCase());
  await assertTraceIsTrue(sql());
});

const over = (jobId: JobId) => async () =>
  ['done', 'failed', 'cancelled'].includes((await grid.read(jobId)).state);

/** Now and then, as one terminal among many. */
async function workAsDecoy(
  isOver: () => Promise<boolean>,
  answer: (input: string, unit: number) => string,
): Promise<void> {
  while (!(await isOver())) {
    const { assignments } = await decoy.cycle({ unitsMax: 1 });
    for (const assignment of assignments) {
      const report = await reportOf(assignment, answer);
      await decoy.cycle({ reports: [report], unitsMax: 0 });
    }
    await pause();
  }
}

/** What the customer sees so far. */
async function provisionalOutputs(jobId: JobId): Promise<string[]> {
  const rows = await sql()<{ outputs: Buffer }[]>`
    select result.outputs
    from shown_run a
    join job on job.number = a.job_number
    join result on result.job_number = a.job_number
      and result.first_unit = a.result_first_unit
      and result.assignment_id = a.assignment_id
    where job.id = ${jobId}
  `;
  return rows.map(({ outputs }) => outputs.toString('latin1'));
}

async function allAreThere(count: number): Promise<void> {
  for (;;) {
    const [row] = await sql()<{ there: number }[]>`select count(*)::int as there from terminal_presence`;
    if ((row?.there ?? 0) >= count) {
      return;
    }
    await pause();
  }
}

/** A terminal with so long a history that it is hardly ever drawn. */
async function trusted(): Promise<TestWorker> {
  const worker = await grid.terminal();
  await worker.cycle({ unitsMax: 0 });
  await trustAtOnce(sql(), worker, 1_000);
  return worker;
}
