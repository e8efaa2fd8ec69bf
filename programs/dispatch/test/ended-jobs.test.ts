/** Which jobs an agent is told are over: it drops what it holds of them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { moveJob } from '../src/jobs/move-job.ts';
import { listOverJobs } from '../src/jobs/queries.ts';
import { createGrid, pause, type TestGrid, type TestWorker } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

let dispatch: TestDispatch;
let grid: TestGrid;
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

test('of a cancelled job the copy that a terminal holds is not dropped, and what others hold is', async () => {
  const reference = await addOwnWorker(dispatch, 'reference');
  const author = await grid.terminal();
  const jobId = await grid.submit('one\ntwo\n', { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  await author.workUntil(async () => (await grid.read(jobId)).units.done > 0);
  const [copy] = await reference.take();
  assert.ok(copy);
  const { sql } = dispatch.server.context;
  const told = await sql
    .begin(async (tx) => {
      await moveJob(tx, { jobNumber: await numberOf(jobId), event: 'cancelled', now: new Date() });
      const isTold = async ({ terminalId }: TestWorker) => {
        const [terminal] = await tx<
          { number: bigint }[]
        >`select number from terminal where id = ${terminalId}`;
        return (await listOverJobs(tx, { jobIds: [jobId], terminalNumber: terminal?.number ?? 0n })).has(
          jobId,
        );
      };
      throw new Told({ holder: await isTold(reference), author: await isTold(author) });
    })
    .catch((error: unknown) => error);
  assert.ok(told instanceof Told);
  assert.deepEqual(told.said, { holder: false, author: true });
  await grid.cancel(jobId);
  while ((await author.cycle({ unitsMax: 0, knownJobs: [jobId] })).endedJobs.length === 0) await pause();
});

/** What is asked within a transaction that is taken back: no loop sees the job meanwhile. */
class Told extends Error {
  readonly said: object;
  constructor(said: object) {
    super('Told.');
    this.said = said;
  }
}

async function numberOf(jobId: string): Promise<bigint> {
  const [job] = await dispatch.server.context.sql<
    { number: bigint }[]
  >`select number from job where id = ${jobId}`;
  assert.ok(job);
  return job.number;
}
