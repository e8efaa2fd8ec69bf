/** Stages and rounds (SPEC B8), computed by terminals that do what a program would. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RemoteError } from '@taika/http/remote-error';
import type { ReportText } from '@taika/protocol/dispatch/cycle';
import { type JobSpecText, listJobs, submitJob } from '@taika/protocol/dispatch/jobs';
import { listInvoices } from '@taika/protocol/dispatch/money';
import type { JobId } from '@taika/protocol/schema';
import {
  type Compute,
  createGrid,
  listDefects,
  pause,
  reportOf,
  smallestProgram,
  type TestGrid,
} from './support/grid.ts';
import { newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

let dispatch: TestDispatch;
let grid: TestGrid;

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

/** Computes until the job ends; gives its last view. */
async function compute(jobId: JobId, work: Compute) {
  const terminal = await grid.terminal();
  let last = await grid.read(jobId);
  const isOver = async () => {
    last = await grid.read(jobId);
    return ['done', 'failed', 'cancelled'].includes(last.state);
  };
  await terminal.workUntil(isOver, work);
  return last;
}

/** Doubles each line; a whole input of several lines goes on until the numbers are large. */
const doubling: Compute = (input) => {
  const numbers = input.trim().split('\n').map(Number);
  if (numbers.length === 1) return `${2 * (numbers[0] ?? 0)}\n`;
  return Math.max(...numbers) < 24 ? `next\n${input}` : 'done\n';
};

async function submitRounds(input: string, more: Partial<JobSpecText> = {}, max = 10): Promise<JobId> {
  const { sha256 } = await grid.upload(smallestProgram);
  return grid.submit(input, { ...byLines, rounds: { next: sha256 as never, max }, ...more });
}

test('what a round gave is the next one’s input, until the next program says done', async () => {
  const jobId = await submitRounds('1\n2\n3\n');
  const view = await compute(jobId, doubling);
  assert.equal(view.state, 'done', JSON.stringify(view));
  assert.equal(await grid.result(jobId), '8\n16\n24\n');
  assert.deepEqual(view.phase, { kind: 'next', round: 3, roundsMax: 10, stage: 1, stages: 1 });
  assert.deepEqual(view.units, { total: 12, done: 12, out: 0 });
  assert.deepEqual(await listDefects(dispatch.server.context.sql), []);
});

test('a job of many phases is one job in the list, and one invoice over the fuel of all', async () => {
  const jobId = await submitRounds('5\n6\n');
  const view = await compute(jobId, doubling);
  const { items } = await grid.customer.call(listJobs, { query: {} });
  assert.equal(items.filter(({ name }) => name === 'test').length, items.length);
  const { sql } = dispatch.server.context;
  const [sums] = await sql<{ fuel: string; phases: number }[]>`
    select sum(job_cursor.fuel) as fuel, count(*)::int as phases
    from job
    join job parent on parent.number = job.parent_number
    join job_cursor on job_cursor.job_number = job.number
    where parent.id = ${jobId}
  `;
  assert.deepEqual({ fuel: String(view.fuel), phases: 4 }, sums);
  const lines = async () => {
    const invoices = (await grid.customer.call(listInvoices, { query: {} })).items;
    return invoices.flatMap((invoice) => invoice.lines).filter((line) => line.jobId === jobId);
  };
  while ((await lines()).length === 0) await pause();
  const [line, ...others] = await lines();
  assert.deepEqual([String(line?.fuel), others], [String(view.fuel), []]);
  const invoiced = await sql`select from job where parent_number is not null and invoice_number is not null`;
  assert.equal(invoiced.length, 0);
});

test('stages feed one another within each round', async () => {
  const { sha256 } = await grid.upload(smallestProgram);
  const stage = { program: sha256 as never, split: { by: 'whole' }, merge: { by: 'concat' } } as const;
  const jobId = await grid.submit('a\nb\n', { ...byLines, laterStages: [stage] });
  const view = await compute(jobId, (input) =>
    input.includes('\n') && input.length > 2 ? `[${input}]` : `${input}${input}`,
  );
  assert.equal(view.state, 'done');
  assert.equal(await grid.result(jobId), '[a\na\nb\nb\n]');
  assert.equal(view.phase?.stage, 2);
});

test('the result may be what the next program prints after done, and it may keep something between rounds', async () => {
  const jobId = await submitRounds('1\n1\n');
  const states: string[] = [];
  const view = await compute(jobId, (input) => {
    if (input.length <= 2) return input;
    states.push(input);
    return states.length < 3 ? `next 3\nabc${input}` : `done\n${states.length} rounds`;
  });
  assert.equal(view.state, 'done');
  assert.equal(await grid.result(jobId), '3 rounds');
  const { sql } = dispatch.server.context;
  const phases = await sql<{ spec: JobSpecText }[]>`
    select job.spec
    from job
    join job parent on parent.number = job.parent_number
    where parent.id = ${jobId}
      and job.phase_kind = 'next'
    order by job.phase
  `;
  const kept = phases.map(({ spec }) => spec.files?.map(({ name, bytes }) => `${name} ${bytes}`).join());
  assert.deepEqual(kept, ['state 0', 'state 3', 'state 3']);
});

test('a job that asks for more rounds than it may have gives its last round, and says so', async () => {
  const jobId = await submitRounds('1\n1\n', {}, 2);
  const view = await compute(jobId, doubling);
  assert.equal(view.state, 'done');
  assert.equal(view.reason.code, 'rounds-cut');
  assert.equal(await grid.result(jobId), '4\n4\n');
});

test('terminals are told the round, and never hear of the job as a whole', async () => {
  const jobId = await submitRounds('1\n2\n', {}, 2);
  const terminal = await grid.terminal();
  const rounds: number[] = [];
  const ids = new Set<string>();
  let reports: ReportText[] = [];
  while ((await grid.read(jobId)).state === 'running') {
    const reply = await terminal.cycle({ reports });
    for (const brief of reply.jobs) {
      rounds.push(brief.round);
      ids.add(brief.jobId);
    }
    reports = await Promise.all(reply.assignments.map((one) => reportOf(one, doubling)));
    if (reports.length === 0) await pause();
  }
  assert.deepEqual([...new Set(rounds)], [0, 1]);
  assert.equal(ids.size, 4);
  assert.ok(!ids.has(jobId));
});

test('a failure says in which round and stage it was', async () => {
  const jobId = await submitRounds('1\n1\n');
  const view = await compute(jobId, (input) => (input.length > 2 ? 'perhaps\n' : input));
  assert.equal(view.state, 'failed');
  assert.equal(view.reason.code, 'next-not-understood');
  assert.match(view.reason.sentence, /rounds\.next after round 1/);
  const empty = await submitRounds('1\n1\n');
  const refused = await compute(empty, (input) => (input.length > 2 ? 'next\n' : input));
  assert.equal(refused.reason.code, 'next-not-understood');
  assert.match(
    refused.reason.sentence,
    /rounds\.next after round 1\. It printed next, and after it no input for round 2\./,
  );
});

test('a cancelled job stops the phase that it is at, and keeps what was computed', async () => {
  const jobId = await submitRounds('1\n2\n3\n', {}, 100);
  const terminal = await grid.terminal();
  // The numbers stay as they are, so that the rounds go on.
  const steady: Compute = (input) => (input.length > 2 ? `next\n${input}` : input);
  const inRound = async (round: number) => ((await grid.read(jobId)).phase?.round ?? 0) >= round;
  await terminal.workUntil(() => inRound(3), steady);
  await grid.cancel(jobId);
  const view = await grid.read(jobId);
  assert.equal(view.state, 'cancelled');
  assert.ok(Number(view.fuel) > 0);
  const { sql } = dispatch.server.context;
  const open = await sql`
    select from job
    where state in ('splitting', 'running', 'merging')
  `;
  assert.equal(open.length, 0);
  assert.deepEqual(await listDefects(sql), []);
});

test('what cannot be is refused at submission', async () => {
  const { sha256 } = await grid.upload(smallestProgram);
  const program = sha256 as never;
  const input = await grid.upload(Buffer.from('a\n'));
  const range = { by: 'range', from: 0, to: 9, records: 1 } as const;
  const table: [object, RegExp][] = [
    [{ split: range, rounds: { next: program, max: 2 } }, /^rounds: the input of a round/],
    [{ input, laterStages: [{ program, split: range, merge: { by: 'lines' } }] }, /^stages\.1\.split/],
    [{ input, rounds: { next: 'b'.repeat(64), max: 2 } }, /^program: upload the blob b/],
    [
      { input, rounds: { next: program, max: 2 }, files: [{ name: 'state', ...input }] },
      /^files.state: in a job with rounds/,
    ],
  ];
  for (const [more, expected] of table) {
    const body = { name: 'no', program, privacy: 'public', ...byLines, ...more } as JobSpecText;
    const call = grid.customer.call(submitJob, { params: { jobId: newId<JobId>() }, body });
    await assert.rejects(call, (error) => error instanceof RemoteError && expected.test(error.detail ?? ''));
  }
});
