import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inTransaction } from '@taika/database/transaction';
import { submitJob } from '@taika/protocol/dispatch/jobs';
import { explainTerminal, explainUnit, readTrustCosts } from '@taika/protocol/dispatch/trust';
import type { JobId, TerminalId } from '@taika/protocol/schema';
import { insertCorrection } from '../src/trust/correction-queries.ts';
import type { TrustRun } from '../src/trust/trust-run.ts';
import { finalLie } from './support/final-lie.ts';
import {
  createGrid,
  listDefects,
  pause,
  reportOf,
  shout,
  smallestProgram,
  type TestGrid,
  type TestWorker,
} from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { bearer, newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertEverythingEarnedOnce } from './support/trust.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
const lie = () => 'lie\n';

let dispatch: TestDispatch;
let grid: TestGrid;
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;

/** The liar of a final lie lies where everything is checked, and all work until the job that it lied to is corrected. */
async function convict(liar: TestWorker, helpers: readonly TestWorker[], jobId: JobId): Promise<JobId> {
  const strictJob = await grid.submit(lines(6), { ...byLines, trust: 'strict' });
  await grid.reach(strictJob, 'running');
  const isRevoked = async () =>
    (await sql()`select from terminal where id = ${liar.terminalId} and state = 'revoked'`).length > 0;
  // First, or the honest one may compute all of it before a lie is told.
  await liar.workUntil(async () => (await grid.read(strictJob)).units.done > 0, lie);
  await Promise.all([
    assert.rejects(
      liar.workUntil(() => false, lie),
      { code: 'terminal-revoked' },
    ),
    ...helpers.map((worker) => worker.workUntil(isRevoked)),
  ]);
  await Promise.all(helpers.map((worker) => worker.forgetHeld()));
  const isCorrected = async () => (await grid.read(jobId)).corrections?.[0]?.result !== undefined;
  const isStrictDone = async () => (await isCorrected()) && (await grid.read(strictJob)).state === 'done';
  await Promise.all(helpers.map((worker) => worker.workUntil(isStrictDone)));
  return strictJob;
}

test('a lie that became final is found later: its job gets a corrected merge and says so', async () => {
  const { jobId, liar, drawnUnits } = await finalLie(
    { grid, sql: sql() },
    { input: lines(20), lie, newMember: async () => ({}) },
  );
  const reference = await addOwnWorker(dispatch, 'reference');
  const honest = await grid.terminal();
  const isOver = async () => (await grid.read(jobId)).state === 'done';
  await Promise.all([honest, reference].map((worker) => worker.workUntil(isOver)));
  assert.match(await grid.result(jobId), /^lie\n/, 'What it said is in the result.');

  // Who was told so would know that what comes of it later is a copy.
  assert.deepEqual((await honest.cycle({ unitsMax: 0, knownJobs: [jobId] })).endedJobs, []);
  const strictJob = await convict(liar, [honest, reference], jobId);
  assert.equal(await grid.result(jobId), lines(20).toUpperCase());
  assert.equal(await grid.result(strictJob), lines(6).toUpperCase());
  const [correction] = (await grid.read(jobId)).corrections ?? [];
  assert.equal(correction?.units, 1);
  assert.deepEqual(await listDefects(sql()), []);
  await assertEverythingEarnedOnce(sql());

  const operator = bearer(dispatch.url, dispatch.operatorKey);
  const unit = await operator.call(explainUnit, { params: { jobId, unit: '0' } });
  const told = unit.life.flatMap(({ happened, done }) => [happened, ...done]).join('\n');
  assert.match(told, /picked to be computed again \(its terminal was revoked after it was final\)/);
  assert.match(told, /reference executor’s answer stands/);
  const params = { terminalId: liar.terminalId as TerminalId };
  const explained = await operator.call(explainTerminal, { params });
  assert.equal(explained.standing, 'revoked');
  assert.equal(explained.sentence, 'Its right was taken for a wrong result.');
  const costs = await operator.call(readTrustCosts);
  assert.equal(costs.finalUnits, String(26 + drawnUnits));
  assert.ok(costs.executionsPerFinalUnit > 1);
  assert.ok(Number(costs.checksFailed) >= 1);
  assert.equal(costs.terminals.revoked >= 1, true);
});

test('a lie of the last stage is corrected in the job’s own result', async () => {
  const reference = await addOwnWorker(dispatch, 'reference');
  const honest = await grid.terminal();
  const helpers = [honest, reference];
  const { jobId, liar } = await finalLie(
    { grid, sql: sql() },
    {
      input: lines(20),
      lie,
      newMember: async () => ({}),
      async submit() {
        const { sha256: program } = await grid.upload(smallestProgram);
        const laterStages = [{ program, ...byLines }];
        const jobId = await grid.submit(lines(20), { ...byLines, trust: 'economy', laterStages });
        const isAtLastStage = async () => (await grid.read(jobId)).phase?.stage === 2;
        await Promise.all(helpers.map((worker) => worker.workUntil(isAtLastStage)));
        await Promise.all(helpers.map((worker) => worker.forgetHeld()));
        return jobId;
      },
    },
  );
  const isOver = async () => (await grid.read(jobId)).state === 'done';
  await Promise.all(helpers.map((worker) => worker.workUntil(isOver)));
  assert.match(await grid.result(jobId), /^lie\n|\nlie\n/, 'What it said is in the result.');
  await convict(liar, helpers, jobId);
  assert.equal(await grid.result(jobId), lines(20).toUpperCase());
  const [correction] = (await grid.read(jobId)).corrections ?? [];
  assert.match(
    correction?.en ?? '',
    /^1 unit was found wrong .* The corrected result is the job’s result now/,
  );
  assert.deepEqual(await listDefects(sql()), []);
  await assertEverythingEarnedOnce(sql());
});

test('a recall in an earlier stage is told with the job, in words, and its result stays', async () => {
  const program = await grid.upload(smallestProgram);
  const input = await grid.upload(Buffer.from('a\nb\n'));
  const jobId = newId<JobId>();
  const stage = { program: program.sha256, ...byLines };
  const body = { name: 'staged', ...stage, input, laterStages: [stage], privacy: 'public' as const };
  await grid.customer.call(submitJob, { params: { jobId }, body });
  const honest = await grid.terminal();
  await honest.workUntil(async () => (await grid.read(jobId)).state === 'done');
  assert.equal((await grid.read(jobId)).corrections, undefined);
  const before = await grid.result(jobId);
  const [first] = await sql()<{ number: bigint }[]>`
    select phase.number
    from job phase
    join job on job.number = phase.parent_number
    where job.id = ${jobId} and phase.phase = 0
  `;
  assert.ok(first);
  // As the desk notes it when a recall finds a final result wrong.
  const run = { jobNumber: first.number, units: 1, fuel: 1n } as unknown as TrustRun;
  await inTransaction(sql(), (tx) => insertCorrection(tx, { run, units: 1, fuelAfter: 1n, now: new Date() }));
  const [correction] = (await grid.read(jobId)).corrections ?? [];
  assert.match(
    correction?.en ?? '',
    /^1 unit of stage 1 was found wrong after counting as final\. What followed, .* is not computed again: submit/,
  );
  assert.match(correction?.ja ?? '', /^確定後、第1段の1単位の結果に誤りが見つかりました/);
  assert.equal(correction?.result, undefined);
  assert.equal(await grid.result(jobId), before);
});

test('a job that is swept late keeps the copies of a recall that are out', async () => {
  const reference = await addOwnWorker(dispatch, 'reference');
  const honest = await grid.terminal();
  const jobId = await grid.submit(lines(4), { ...byLines, trust: 'economy' });
  const isDone = async () => (await grid.read(jobId)).state === 'done';
  await Promise.all([honest, reference].map((worker) => worker.workUntil(isDone)));
  await reference.forgetHeld();
  const [audit] = await sql()<{ id: bigint }[]>`
    insert into audit
      (job_number, first_unit, units, author_assignment, author_terminal, kind, reason, wanted_at)
    select job_number, first_unit, units, assignment_id, terminal_number, 'copy', 'recall', now()
    from trust_run
    where job_number = (select number from job where id = ${jobId})
    limit 1
    returning id
  `;
  assert.ok(audit);
  const [copy] = await reference.take();
  assert.ok(copy);
  await sql()`update job_cursor set is_swept = false where job_number = (select number from job where id = ${jobId})`;
  const find = (rows: readonly unknown[]) => rows.length > 0;
  const isSwept = async () =>
    find(
      await sql()`
      select from job_cursor where is_swept and job_number = (select number from job where id = ${jobId})
    `,
    );
  while (!(await isSwept())) await pause();
  const reply = await reference.cycle({ reports: [await reportOf(copy, shout)], unitsMax: 0 });
  assert.equal(reply.acknowledgements[0]?.verdict, 'accepted');
  while (!find(await sql()`select from audit where id = ${audit.id} and state = 'done'`)) await pause();
});
