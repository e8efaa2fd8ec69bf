/** Jobs that the server fails on for a reason of its own: others go on, and they do too once it is mended. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JobId } from '@taika/protocol/schema';
import { openDirectoryBlobs } from '../src/blobs/directory-blobs.ts';
import {
  createGrid,
  listDefects,
  pause,
  sha256Of,
  smallestProgram,
  type TestGrid,
  type TestWorker,
} from './support/grid.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

let dispatch: TestDispatch;
let grid: TestGrid;
let worker: TestWorker;
const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  worker = await grid.terminal();
});
after(() => dispatch?.[Symbol.asyncDispose]());

/** The database refuses what meets `condition`, of jobs with the name `broken`, until it is disposed. */
async function breakJobs(condition: string): Promise<AsyncDisposable> {
  const { sql } = dispatch.server.context;
  await sql.unsafe(`
    create or replace function break_job() returns trigger language plpgsql as $$
    begin
      if new.name = 'broken' and ${condition} then raise exception 'broken by a test'; end if;
      return new;
    end $$;
    create or replace trigger break_job before insert or update on job for each row execute function break_job();
  `);
  return {
    [Symbol.asyncDispose]: async () => {
      await sql.unsafe('drop trigger if exists break_job on job');
    },
  };
}

async function sentenceOf(jobId: JobId, part: RegExp): Promise<string> {
  for (;;) {
    const { reason } = await grid.read(jobId);
    if (part.test(reason.sentence)) return reason.sentence;
    await pause();
  }
}

for (const [what, condition, sentence] of [
  ['split', `new.state = 'running'`, /could not split the input/],
  ['merged', `new.state = 'done'`, /could not merge the outputs/],
] as const) {
  test(`a job that cannot be ${what} says when it is tried again, and stops no other`, async () => {
    const broken = await breakJobs(condition);
    const first = await grid.submit('a\nb\n', { ...byLines, name: 'broken' });
    const done = async (jobId: JobId) => (await grid.read(jobId)).state === 'done';
    const meanwhile = new AbortController();
    const working = worker.workUntil(() => meanwhile.signal.aborted);
    const told = await sentenceOf(first, sentence);
    assert.match(told, /tried again at \d{4}-\d\d-\d\dT[\d:.]+Z\. Tell the contractor/);
    const other = await grid.submit('c\n', byLines);
    while (!(await done(other))) await pause();
    assert.equal(await done(first), false);
    await broken[Symbol.asyncDispose]();
    const view = await grid.reach(first, 'done');
    meanwhile.abort();
    await working;
    assert.doesNotMatch(view.reason.sentence, /could not/);
    assert.equal(await grid.result(first), 'A\nB\n');
    assert.deepEqual(await listDefects(dispatch.server.context.sql), []);
  });
}

test('a job with rounds that cannot go on stops no other, and goes on later', async () => {
  const broken = await breakJobs('new.phase = 1');
  const text = 'x\n';
  const rounds = { next: sha256Of(smallestProgram) as never, max: 2 };
  const meanwhile = new AbortController();
  const working = worker.workUntil(
    () => meanwhile.signal.aborted,
    (own) => (own === text ? 'X\n' : 'done\n'),
  );
  const first = await grid.submit(text, { ...byLines, rounds, name: 'broken' });
  await sentenceOf(first, /could not begin the next stage.*tried again at/);
  const other = await grid.submit(text, { ...byLines, rounds });
  await grid.reach(other, 'done');
  await broken[Symbol.asyncDispose]();
  const view = await grid.reach(first, 'done');
  meanwhile.abort();
  await working;
  assert.doesNotMatch(view.reason.sentence, /could not/);
});

test('a job whose input is gone from the store ends, and says to submit it again', async () => {
  const blobs = await openDirectoryBlobs(`${dispatch.server.context.dataDirectory}/blobs`, () => '');
  const broken = await breakJobs(`new.state = 'running'`);
  const text = 'lost\n';
  const jobId = await grid.submit(text, { ...byLines, name: 'broken' });
  await sentenceOf(jobId, /could not split/);
  await blobs.remove(sha256Of(Buffer.from(text)));
  await broken[Symbol.asyncDispose]();
  const { reason } = await grid.reach(jobId, 'failed');
  assert.equal(reason.code, 'data-missing');
  assert.match(reason.sentence, /not on the server any more\. There is no blob/);
  assert.match(reason.remedy, /Submit the job again/);
});
