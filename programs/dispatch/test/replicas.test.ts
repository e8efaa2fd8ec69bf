import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteError } from '@taika/http/remote-error';
import { recoverBlock } from '../src/units/queries.ts';
import { createGrid, listDefects, pause, reportOf, type TestWorker } from './support/grid.ts';
import { startTestDispatch } from './support/test-dispatch.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
/** Waits until a replica that read the terminal's standing before its consent was recorded has read it anew: seconds at most. */
async function knows(worker: TestWorker): Promise<void> {
  for (;;) {
    try {
      await worker.cycle({ unitsMax: 0 });
      return;
    } catch (error) {
      if (!(error instanceof RemoteError) || error.code !== 'no-consent') {
        throw error;
      }
    }
    await pause();
  }
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

test('two replicas hand out one job and count every unit once', async () => {
  await using dispatch = await startTestDispatch();
  await using replica = await dispatch.startReplica(2);
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const jobId = await grid.submit(lines(2_000), byLines);
  await grid.reach(jobId, 'running');
  const isOver = async () => (await grid.read(jobId)).state !== 'running';
  const workers = await Promise.all([
    grid.terminal(),
    grid.terminal(replica.url),
    grid.terminal(),
    grid.terminal(replica.url),
  ]);
  await Promise.all(workers.map((worker) => worker.workUntil(isOver)));
  const view = await grid.reach(jobId, 'done');
  assert.equal(view.terminals, 4);
  assert.equal(await grid.result(jobId), lines(2_000).toUpperCase());
  assert.deepEqual(await listDefects(dispatch.server.context.sql), []);
});

test('a report is counted by another replica than the one that handed the run out', async () => {
  await using dispatch = await startTestDispatch();
  await using replica = await dispatch.startReplica(2);
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const jobId = await grid.submit(lines(2), byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  const elsewhere = worker.at(replica.url);
  for (const assignment of await worker.take()) {
    const report = await reportOf(assignment);
    const replies = await Promise.all([
      worker.cycle({ reports: [report], unitsMax: 0 }),
      elsewhere.cycle({ reports: [report], unitsMax: 0 }),
    ]);
    const verdicts = replies.map(({ acknowledgements }) => acknowledgements[0]?.verdict).sort();
    assert.deepEqual(verdicts, ['accepted', 'already']);
  }
  assert.deepEqual(await listDefects(dispatch.server.context.sql), []);
});

test('what a replica held that is gone is handed out by another', async () => {
  await using dispatch = await startTestDispatch();
  const { sql } = dispatch.server.context;
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const jobId = await grid.submit(lines(60), byLines);
  await grid.reach(jobId, 'running');
  const replica = await dispatch.startReplica(2);
  const there = await grid.terminal(replica.url);
  // The other replica takes all units into its window, hands some out, and goes.
  const kept = await there.take();
  // A stranger's windows are not given back at its orderly stop: it went as one that is killed.
  await sql`update feeder_block set replica = 99`;
  await replica[Symbol.asyncDispose]();
  await sql`update feeder_block set expires_at = now() - interval '1 second'`;
  const reports = await Promise.all(kept.map((assignment) => reportOf(assignment)));
  const elsewhere = there.at(dispatch.url);
  await knows(elsewhere);
  const { acknowledgements } = await elsewhere.cycle({ reports, unitsMax: 0 });
  assert.ok(acknowledgements.every(({ verdict }) => verdict === 'accepted'));
  const here = await grid.terminal();
  await here.workUntil(async () => (await grid.read(jobId)).state !== 'running');
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(60).toUpperCase());
  assert.deepEqual(await listDefects(sql), []);
});

test('a replica that is stopped leaves its units to others at once', async () => {
  await using dispatch = await startTestDispatch();
  const { sql } = dispatch.server.context;
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const jobId = await grid.submit(lines(60), byLines);
  await grid.reach(jobId, 'running');
  const replica = await dispatch.startReplica(2);
  const there = await grid.terminal(replica.url);
  const kept = await there.take();
  await replica[Symbol.asyncDispose]();
  const [left] = await sql<{ blocks: number; units: number }[]>`
    select (select count(*) from feeder_block)::int as blocks, (select sum(units) from reissue)::int as units
  `;
  const out = kept.reduce((sum, { input }) => sum + input.lengths.length, 0);
  assert.deepEqual(left, { blocks: 0, units: 60 - out });
  assert.deepEqual(await listDefects(sql), []);
});

test('a replica hands nothing out of a window that another one recovered', async () => {
  await using dispatch = await startTestDispatch();
  const { sql } = dispatch.server.context;
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const jobId = await grid.submit(lines(60), byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  await worker.take();
  // As the other replica does it, while this one's process was stopped for a minute.
  await sql`update feeder_block set expires_at = now() - interval '1 second'`;
  while (await sql.begin((tx) => recoverBlock(tx, { kind: 'expired' }))) {
    // Each turn recovers one.
  }
  assert.deepEqual(await listDefects(sql), []);
  await worker.take();
  assert.deepEqual(await listDefects(sql), []);
  await sql`update assignment set deadline = now()`;
  await worker.workUntil(async () => (await grid.read(jobId)).state !== 'running');
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(60).toUpperCase());
});
