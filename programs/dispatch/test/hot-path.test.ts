import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { uploadBlob } from '@taika/protocol/dispatch/blobs';
import { type CycleReplyText, cycle, type ReportText } from '@taika/protocol/dispatch/cycle';
import { cancelJob } from '@taika/protocol/dispatch/jobs';
import { readUnit } from '@taika/protocol/dispatch/units';
import {
  createGrid,
  listDefects,
  pause,
  repeatable,
  reportOf,
  sha256Of,
  shout,
  type TestGrid,
} from './support/grid.ts';
import { bearer, giveConsent, newId, openSession, registerTerminal } from './support/parties.ts';
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

async function noDefects() {
  assert.deepEqual(await listDefects(dispatch.server.context.sql), []);
}

async function pointsOf(kind: string) {
  const [row] = await dispatch.server.context.sql<{ units: number }[]>`
    select coalesce(sum(units), 0)::int as units
    from points_entry
    where kind = ${kind} and job_number = (select max(number) from job)
  `;
  return row!.units;
}

test('a report that is sent again, also at the same time, counts once', async () => {
  const jobId = await grid.submit(lines(4), byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  const [assignment] = await worker.take();
  const report = await reportOf(assignment!);
  const send = () => worker.cycle({ reports: [report], unitsMax: 0 });
  const replies = await Promise.all([send(), send(), send()]);
  const verdicts = replies.map(({ acknowledgements }) => acknowledgements[0]?.verdict).sort();
  assert.deepEqual(verdicts, ['accepted', 'already', 'already']);
  assert.equal((await send()).acknowledgements[0]?.verdict, 'already');
  assert.equal((await grid.read(jobId)).units.done, report.fuels.length);
  assert.equal(await pointsOf('accepted'), report.fuels.length);
  await noDefects();
  await grid.cancel(jobId);
});

test('a call whose answer was lost gets the same assignments again', async () => {
  const jobId = await grid.submit(lines(40), byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  const first = await worker.cycle({ cycleId: 'cycle-one' });
  const again = await worker.cycle({ cycleId: 'cycle-one', retry: true });
  const unsaid = await worker.cycle({ cycleId: 'cycle-one' });
  assert.ok(first.assignments.length > 0);
  const idsOf = ({ assignments }: CycleReplyText) => assignments.map(({ assignmentId }) => assignmentId);
  assert.deepEqual(idsOf(unsaid), idsOf(first));
  assert.deepEqual(
    again.assignments.map(({ assignmentId, firstUnit, input }) => ({ assignmentId, firstUnit, input })),
    first.assignments.map(({ assignmentId, firstUnit, input }) => ({ assignmentId, firstUnit, input })),
  );
  const other = await worker.cycle({ cycleId: 'cycle-two' });
  assert.notEqual(other.assignments[0]?.assignmentId, first.assignments[0]?.assignmentId);
  const reports = await Promise.all(first.assignments.map((assignment) => reportOf(assignment)));
  await worker.cycle({ reports, unitsMax: 0 });
  assert.deepEqual((await worker.cycle({ cycleId: 'cycle-one' })).assignments, []);
  await noDefects();
  await grid.cancel(jobId);
});

test('a terminal gets no job that needs more memory than its member agreed to', async () => {
  const jobId = await grid.submit(lines(4), { ...byLines, limits: { memoryMiB: 1024 } });
  await grid.reach(jobId, 'running');
  const ask = async (memoryMiB: number) => {
    const terminal = await registerTerminal(grid.vendor);
    const caller = bearer(dispatch.url, await openSession(dispatch.url, terminal));
    await giveConsent(caller, terminal, grid.vendor, { limits: { cores: 1, memoryMiB } });
    const want = { unitsMax: 4, parallel: 8, memoryMiB: 4096 };
    return caller.call(cycle, { body: { cycleId: newId<string>(), reports: [], want } });
  };
  assert.deepEqual((await ask(512)).assignments, []);
  assert.notDeepEqual((await ask(1024)).assignments, []);
  await grid.cancel(jobId);
});

test('two calls with one id at once are one call', async () => {
  const jobId = await grid.submit(lines(40), byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  const [left, right] = await Promise.all([
    worker.cycle({ cycleId: 'the-same' }),
    worker.cycle({ cycleId: 'the-same' }),
  ]);
  assert.deepEqual(left.assignments, right.assignments);
  await grid.cancel(jobId);
});

test('of a run that was computed in part the rest goes out again', async () => {
  const jobId = await grid.submit(lines(40), byLines);
  await grid.reach(jobId, 'running');
  const [slow, fast] = [await grid.terminal(), await grid.terminal()];
  const assignment = await slow.takeAtLeast(2);
  const reply = await slow.cycle({ reports: [await reportOf(assignment, shout, 1)], unitsMax: 0 });
  assert.equal(reply.acknowledgements[0]?.verdict, 'accepted');
  assert.equal((await grid.read(jobId)).units.done, 1);
  await noDefects();
  await fast.workUntil(async () => (await grid.read(jobId)).state !== 'running');
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(40).toUpperCase());
  await noDefects();
});

test('a run past its deadline goes to another, and the late report earns nothing', async () => {
  const jobId = await grid.submit(lines(6), byLines);
  await grid.reach(jobId, 'running');
  const [lost, other] = [await grid.terminal(), await grid.terminal()];
  const [assignment] = await lost.take();
  await dispatch.server.context
    .sql`update assignment set deadline = now() where id = ${assignment!.assignmentId}`;
  await other.workUntil(async () => (await grid.read(jobId)).state !== 'running');
  await grid.reach(jobId, 'done');
  const late = await lost.cycle({ reports: [await reportOf(assignment!)], unitsMax: 0 });
  assert.equal(late.acknowledgements[0]?.verdict, 'late');
  assert.equal(await pointsOf('accepted'), 6);
  await noDefects();
});

test("another terminal's report of a run is late", async () => {
  const jobId = await grid.submit(lines(6), byLines);
  await grid.reach(jobId, 'running');
  const [holder, thief] = [await grid.terminal(), await grid.terminal()];
  const [assignment] = await holder.take();
  const stolen = await thief.cycle({ reports: [await reportOf(assignment!)], unitsMax: 0 });
  assert.equal(stolen.acknowledgements[0]?.verdict, 'late');
  const own = await holder.cycle({ reports: [await reportOf(assignment!)], unitsMax: 0 });
  assert.equal(own.acknowledgements[0]?.verdict, 'accepted');
  await grid.cancel(jobId);
});

test('a report that does not fit is refused with a sentence, and its run goes out again', async () => {
  const jobId = await grid.submit(lines(6), byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  for (const spoil of [
    { outputs: [] },
    { fuels: [1], outputs: [''], failures: [{ at: 0, exitCode: 0 }] },
    { fuels: [1], outputs: [''], blobs: [{ at: 0, sha256: 'a'.repeat(64), bytes: 100_000 }] },
    { fuels: [1], outputs: [''], failures: [{ at: 5, exitCode: 1 }] },
    { fuels: [Number.MAX_SAFE_INTEGER], outputs: [''] },
  ]) {
    const [assignment] = await worker.take();
    const report = { ...(await reportOf(assignment!)), ...spoil };
    const { acknowledgements } = await worker.cycle({ reports: [report], unitsMax: 0 });
    assert.equal(acknowledgements[0]?.verdict, 'refused', JSON.stringify(spoil));
    assert.match(acknowledgements[0]?.detail ?? '', /\.$/);
  }
  assert.equal((await grid.read(jobId)).units.done, 0);
  await noDefects();
  await grid.cancel(jobId);
});

test('a report of what no terminal can report is a bad request, and costs nobody else anything', async () => {
  const jobId = await grid.submit(lines(6), byLines);
  await grid.reach(jobId, 'running');
  const [worker, other] = [await grid.terminal(), await grid.terminal()];
  const [assignment] = await worker.take();
  const [innocent] = await other.take();
  const report = { ...(await reportOf(assignment!)), fuels: [1], outputs: [''] };
  const bad: object[] = [
    { ...report, failures: [{ at: 0, trap: '\ud800' }] },
    { ...report, failures: [{ at: 0, trap: '\u0000' }] },
    { ...report, assignmentId: '9999999999999999999' },
  ];
  const own = await reportOf(innocent!);
  const [answer, ...refusals] = await Promise.all([
    other.cycle({ reports: [own], unitsMax: 0 }),
    ...bad.map((one) =>
      worker.cycle({ reports: [one as ReportText], unitsMax: 0 }).catch(({ code }) => code),
    ),
  ]);
  assert.equal(answer.acknowledgements[0]?.verdict, 'accepted');
  assert.deepEqual(refusals, ['bad-request', 'bad-request', 'bad-request']);
  await grid.cancel(jobId);
});

test('a unit that failed ends the job with the unit, the exit code and its log', async () => {
  const jobId = await grid.submit(lines(6), byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  const [assignment] = await worker.take();
  const report = await reportOf(assignment!);
  const stderr = Buffer.from('no such\0 star').toString('base64');
  const failures = [{ at: 0, exitCode: 3, stderr }];
  await worker.cycle({
    reports: [{ ...report, outputs: ['', ...report.outputs.slice(1)], failures }],
    unitsMax: 0,
  });
  const view = await grid.reach(jobId, 'failed');
  assert.equal(view.reason.code, 'program-failed');
  assert.deepEqual(view.failure, { unit: assignment!.firstUnit, exitCode: 3, stderr: 'no such\uFFFD star' });
  await noDefects();
});

test('a unit that three terminals could not finish fails the job with the causes', async () => {
  const jobId = await grid.submit('a\n', byLines);
  await grid.reach(jobId, 'running');
  for (const cause of ['time-limit', 'stack-exhausted', 'time-limit']) {
    const worker = await grid.terminal();
    const [assignment] = await worker.take();
    const report = { assignmentId: assignment!.assignmentId, fuels: [], outputs: [], restCause: cause };
    await worker.cycle({ reports: [report], unitsMax: 0 });
  }
  const view = await grid.reach(jobId, 'failed');
  assert.equal(view.reason.code, 'unit-unfinished');
  assert.match(
    view.reason.sentence,
    /Unit 0 came back 3 times from 3 terminals: stack-exhausted, time-limit/,
  );
});

test('a cancelled job is dropped at the next call, and what was computed since is late', async () => {
  const jobId = await grid.submit(lines(6), byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  const [assignment] = await worker.take();
  assert.deepEqual((await worker.cycle({ unitsMax: 0, knownJobs: [jobId] })).endedJobs, []);
  const view = await grid.customer.call(cancelJob, { params: { jobId } });
  assert.equal(view.state, 'cancelled');
  const reply = await worker.cycle({
    reports: [await reportOf(assignment!)],
    unitsMax: 0,
    knownJobs: [jobId],
  });
  assert.deepEqual(reply.endedJobs, [jobId]);
  assert.equal(reply.acknowledgements[0]?.verdict, 'late');
  assert.equal((await grid.read(jobId)).units.done, 0);
  const { sql } = dispatch.server.context;
  for (;;) {
    const [left] = await sql<{ rows: number }[]>`
      select ((select count(*) from assignment where job_number = job.number)
        + (select count(*) from reissue where job_number = job.number)
        + (select count(*) from feeder_block where job_number = job.number))::int as rows
      from job where id = ${jobId}
    `;
    if (left!.rows === 0) break;
    await pause();
  }
});

test('a long output travels as a blob, and a long input as a range of one', async () => {
  const input = `${'x'.repeat(200_000)}\n${'y'.repeat(200_000)}\n`;
  const jobId = await grid.submit(input, byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  while ((await grid.read(jobId)).state === 'running') {
    const { assignments } = await worker.cycle();
    for (const assignment of assignments) {
      const report = await reportOf(assignment);
      const blobs = [];
      for (const [at, output] of report.outputs.entries()) {
        const bytes = Buffer.from(output, 'base64');
        const sha256 = sha256Of(bytes);
        await worker.caller.open(uploadBlob, { params: { sha256 }, bytes });
        blobs.push({ at, sha256, bytes: bytes.length });
      }
      const outputs = report.outputs.map(() => '');
      const { acknowledgements } = await worker.cycle({
        reports: [{ ...report, outputs, blobs }],
        unitsMax: 0,
      });
      assert.deepEqual(
        acknowledgements.map(({ verdict, detail }) => detail ?? verdict),
        ['accepted'],
      );
    }
    await pause();
  }
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), input.toUpperCase());
});

test('whoever wants it is told the digest of a range, so that damage on the way is seen', async () => {
  const input = `${'x'.repeat(300_000)}\n${'y'.repeat(300_000)}\n`;
  const jobId = await grid.submit(input, byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  const [assignment] = await worker.take();
  assert.ok(assignment?.input.kind === 'range');
  const { url, offset, lengths } = assignment.input;
  const end = offset + (lengths[0] ?? 0) - 1;
  const ask = (headers: Record<string, string>) =>
    fetch(url, { headers: { range: `bytes=${offset}-${end}`, ...headers } });
  const told = await ask({ 'want-content-digest': 'sha-256=10' });
  const bytes = Buffer.from(await told.arrayBuffer());
  assert.equal(bytes.length, 300_001);
  const digest = Buffer.from(sha256Of(bytes), 'hex').toString('base64');
  assert.equal(told.headers.get('content-digest'), `sha-256=:${digest}:`);
  const untold = await ask({});
  await untold.arrayBuffer();
  assert.equal(untold.headers.get('content-digest'), null);
  await grid.cancel(jobId);
});

test('a range needs no input, and its numbers arrive one a line', async () => {
  const split = { by: 'range', from: 1, to: 11, step: 2, records: 2 } as const;
  const jobId = await grid.submit(undefined, { split, merge: { by: 'concat' } });
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  await worker.workUntil(
    async () => (await grid.read(jobId)).state !== 'running',
    (input, unit) => `${unit}:${input}`,
  );
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), '0:1\n3\n1:5\n7\n2:9\n');
});

test('an input or outputs that do not fit the job file fail the job with what to correct', async () => {
  const empty = await grid.submit('', byLines);
  const unsplit = await grid.reach(empty, 'failed');
  assert.equal(unsplit.reason.code, 'split-failed');
  assert.match(unsplit.reason.sentence, /The input is empty/);
  const jobId = await grid.submit('1\n2\n', { split: byLines.split, merge: { by: 'csv' } });
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  await worker.workUntil(
    async () => (await grid.read(jobId)).state !== 'running',
    (_input, unit) => `header ${unit}\n1\n`,
  );
  const unmerged = await grid.reach(jobId, 'failed');
  assert.equal(unmerged.reason.code, 'merge-failed');
  assert.equal(unmerged.failure?.unit, 1);
  // It did not fail, and its customer computes it again to see what it prints.
  const again = await grid.customer.call(readUnit, { params: { jobId, unit: '1' } });
  assert.equal(again.unit, 1);
});

test('a terminal that waits is told why and when to come back', async () => {
  const worker = await grid.terminal();
  const reply = await worker.cycle();
  assert.deepEqual(reply.assignments, []);
  assert.equal(reply.reason?.code, 'no-work');
  assert.ok(reply.comeBackMs >= 500 && reply.comeBackMs <= 2000);
});

test('a job that nobody computes says so', async () => {
  const jobId = await grid.submit(lines(2), byLines);
  const { sql } = dispatch.server.context;
  await grid.reach(jobId, 'running');
  await sql`update terminal_presence set seen_at = now() - interval '1 hour'`;
  assert.equal((await grid.read(jobId)).reason.code, 'no-terminal');
  await grid.cancel(jobId);
});

test('results of reports are counted exactly once however the terminals misbehave', async () => {
  const seed = process.env.SEED ?? String(Date.now());
  console.log(`SEED=${seed}`);
  const random = repeatable(seed);
  const jobId = await grid.submit(lines(300), byLines);
  await grid.reach(jobId, 'running');
  const workers = await Promise.all([grid.terminal(), grid.terminal(), grid.terminal()]);
  const isOver = async () => (await grid.read(jobId)).state !== 'running';
  await Promise.all(
    workers.map((worker) => worker.misbehaveUntil(isOver, random, dispatch.server.context.sql)),
  );
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(300).toUpperCase());
  assert.equal(await pointsOf('accepted'), 300);
  await noDefects();
});
