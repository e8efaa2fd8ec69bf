import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findBlob } from '@taika/protocol/dispatch/blobs';
import { deleteJobData, readResult, submitJob } from '@taika/protocol/dispatch/jobs';
import { listFailures, readUnit } from '@taika/protocol/dispatch/units';
import type { JobId } from '@taika/protocol/schema';
import type { Blobs } from '../src/blobs/blobs.ts';
import { openDirectoryBlobs } from '../src/blobs/directory-blobs.ts';
import { collectBlobsStep } from '../src/deletion/collect-blobs.ts';
import { deleteDataStep } from '../src/deletion/delete-data.ts';
import {
  createGrid,
  listDefects,
  pause,
  sha256Of,
  smallestProgram,
  type TestGrid,
  type TestWorker,
} from './support/grid.ts';
import { newId, refusalOf } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

let dispatch: TestDispatch;
let grid: TestGrid;
let worker: TestWorker;
let blobs: Blobs;
const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  worker = await grid.terminal();
  blobs = await openDirectoryBlobs(`${dispatch.server.context.dataDirectory}/blobs`, () => '');
});
after(() => dispatch?.[Symbol.asyncDispose]());

test('a job’s data is deleted on request: nothing is left but its line, price and invoice', async () => {
  const jobId = await compute('private\nmatters\n');
  const before = await grid.read(jobId);
  await grid.customer.call(deleteJobData, { params: { jobId } });
  while ((await grid.read(jobId)).dataDeletedAt === undefined) await pause();
  const view = await grid.read(jobId);
  assert.deepEqual(
    [view.name, view.units.done, view.fuel, view.price, view.invoiceId],
    [before.name, 2, before.fuel, before.price, before.invoiceId],
  );
  const { sql } = dispatch.server.context;
  assert.match(view.reason.sentence, /Its data was deleted on \d{4}-/);
  assert.equal(view.reason.remedy, 'Submit the job again where you need its result.');
  for (const table of ['unit', 'result', 'unit_return', 'copy_run', 'agreed_run', 'job_cursor']) {
    const [row] = await sql<{ rows: number }[]>`
      select count(*)::int as rows
      from ${sql(table)}
      where job_number = (select number from job where id = ${jobId})
    `;
    assert.equal(row?.rows, 0, table);
  }
  for (const call of [
    () => grid.customer.open(readResult, { params: { jobId } }),
    () => grid.customer.call(readUnit, { params: { jobId, unit: '0' } }),
    () => grid.customer.call(listFailures, { params: { jobId } }),
  ]) {
    assert.equal((await refusalOf(call())).code, 'data-deleted');
  }
  await grid.customer.call(deleteJobData, { params: { jobId } });
  assert.deepEqual(await listDefects(sql), []);
});

test('a running job and another customer’s keep their data', async () => {
  const jobId = await grid.submit('a\n', byLines);
  const running = grid.customer.call(deleteJobData, { params: { jobId } });
  assert.equal((await refusalOf(running)).code, 'wrong-state');
  await grid.cancel(jobId);
  const other = await createGrid(dispatch.url, dispatch.operatorKey);
  const foreign = other.customer.call(deleteJobData, { params: { jobId } });
  assert.equal((await refusalOf(foreign)).code, 'not-found');
});

test('data is deleted when its time is over, and not a day earlier', async () => {
  const jobId = await compute('kept\nfor a month\n');
  await moveEnd(jobId, 29);
  await deleteDataStep(dispatch.server.context);
  assert.equal((await grid.read(jobId)).dataDeletedAt, undefined);
  await moveEnd(jobId, 31);
  // What the job left in the hot tables is swept first.
  while ((await grid.read(jobId)).dataDeletedAt === undefined) {
    await deleteDataStep(dispatch.server.context);
    await pause();
  }
});

test('blobs that nothing names are collected when they are old; all others stay', async () => {
  const kept = await compute('named by a kept job\n');
  const gone = await compute('named by a deleted job\n');
  const { sha256: stray } = await grid.upload(Buffer.from('never named\n'));
  const { sha256: fresh } = await grid.upload(Buffer.from('about to be named\n'));
  const [keptInput, goneInput] = [
    sha256Of(Buffer.from('named by a kept job\n')),
    sha256Of(Buffer.from('named by a deleted job\n')),
  ];
  const keptResult = (await grid.read(kept)).result?.sha256 ?? '';
  const goneResult = (await grid.read(gone)).result?.sha256 ?? '';
  await grid.customer.call(deleteJobData, { params: { jobId: gone } });
  while ((await grid.read(gone)).dataDeletedAt === undefined) await pause();
  await makeOld();
  // Asking whether it is there makes a blob young: the caller is about to name it.
  await grid.customer.call(findBlob, { params: { sha256: fresh } });
  await collectAll();
  assert.deepEqual(await present([keptInput, keptResult, fresh]), [true, true, true]);
  assert.deepEqual(await present([goneInput, goneResult, stray]), [false, false, false]);
  assert.equal(await grid.result(kept), 'NAMED BY A KEPT JOB\n');
  // The same bytes can come back, and the program, which a kept job names, is admitted still.
  assert.equal(await grid.result(await compute('named by a deleted job\n')), 'NAMED BY A DELETED JOB\n');
});

test('a program is collected with the last job that names it, and admitted anew when it comes back', async () => {
  const { sql } = dispatch.server.context;
  const jobs = await sql<
    { id: JobId }[]
  >`select id from job where data_deleted_at is null and ended_at is not null`;
  for (const { id } of jobs) await grid.customer.call(deleteJobData, { params: { jobId: id } });
  for (const { id } of jobs) while ((await grid.read(id)).dataDeletedAt === undefined) await pause();
  await makeOld();
  await collectAll();
  const [left] = await sql<{ blobs: number; programs: number }[]>`
    select (select count(*)::int from blob) as blobs, (select count(*)::int from program) as programs
  `;
  assert.deepEqual({ ...left }, { blobs: 0, programs: 0 });
  assert.equal(await grid.result(await compute('again\n')), 'AGAIN\n');
});

test('a submission and the collector meet on the same blobs: the job runs, or is told to send them again', async () => {
  const { sql } = dispatch.server.context;
  let refused = 0;
  for (let round = 0; round < 12; round++) {
    const text = `race ${round}\n`;
    const { sha256 } = await grid.upload(Buffer.from(text));
    await makeOld();
    const [submitted] = await Promise.allSettled([grid.submit(text, byLines), collectAll()]);
    if (submitted.status === 'rejected') {
      refused += 1;
      continue;
    }
    assert.deepEqual(await present([sha256]), [true]);
    await worker.workUntil(async () => (await grid.read(submitted.value)).state === 'done');
    assert.equal(await grid.result(submitted.value), text.toUpperCase());
  }
  assert.ok(refused < 12);
  assert.deepEqual(await listDefects(sql), []);
});

test('what the store does not remove keeps no other, and is removed later; no row is without bytes', async () => {
  const { sql } = dispatch.server.context;
  const [stuck, loose] = [
    await grid.upload(Buffer.from('stuck\n')),
    await grid.upload(Buffer.from('loose\n')),
  ];
  await makeOld();
  const failing: Blobs = {
    ...blobs,
    async remove(sha256) {
      if (sha256 === stuck.sha256) throw new Error('The store is away.');
      await blobs.remove(sha256);
    },
  };
  await assert.rejects(
    collectBlobsStep(dispatch.server.context, failing, { after: '' }),
    /could not be removed/,
  );
  assert.deepEqual(await present([stuck.sha256, loose.sha256]), [true, false]);
  const find = grid.customer.call(findBlob, { params: { sha256: stuck.sha256 } });
  assert.equal((await refusalOf(find)).code, 'not-found');
  // Uploaded again before it was removed, it stays.
  await grid.upload(Buffer.from('stuck\n'));
  await collectAll();
  assert.deepEqual(await present([stuck.sha256]), [true]);
  await makeOld();
  await collectAll();
  assert.deepEqual(await present([stuck.sha256]), [false]);
  assert.equal((await sql`select from blob_removal`).length, 0);
});

test('bytes that the store has lost are asked for again, and the job runs', async () => {
  const text = 'lost and sent again\n';
  const first = await compute(text);
  const { sql } = dispatch.server.context;
  const artefacts = await sql<{ sha256: string }[]>`select sha256 from program_artefact`;
  const { sha256, bytes } = await grid.upload(Buffer.from(text));
  for (const lost of [sha256, ...artefacts.map((each) => each.sha256)]) await blobs.remove(lost);
  const find = grid.customer.call(findBlob, { params: { sha256 } });
  const { code, detail } = await refusalOf(find);
  assert.equal(code, 'not-found');
  assert.match(detail ?? '', /upload them again/);
  const program = await grid.upload(smallestProgram);
  const body = {
    name: 'test',
    privacy: 'public',
    program: program.sha256,
    input: { sha256, bytes },
    ...byLines,
  } as never;
  const submitted = grid.customer.call(submitJob, { params: { jobId: newId<JobId>() }, body });
  assert.match((await refusalOf(submitted)).detail ?? '', /^input: the blob .* upload it again/);
  assert.equal(await grid.result(await compute(text)), text.toUpperCase());
  assert.ok((await present(artefacts.map((each) => each.sha256))).some(Boolean));
  assert.equal(await grid.result(first), text.toUpperCase());
});

async function compute(text: string): Promise<JobId> {
  const jobId = await grid.submit(text, byLines);
  await worker.workUntil(async () => (await grid.read(jobId)).state === 'done');
  while ((await grid.read(jobId)).invoiceId === undefined) await pause();
  return jobId;
}

async function moveEnd(jobId: JobId, days: number): Promise<void> {
  const { sql } = dispatch.server.context;
  await sql`
    update job
    set ended_at = now() - make_interval(days => ${days})
    where id = ${jobId}
  `;
}

async function makeOld(): Promise<void> {
  const { sql } = dispatch.server.context;
  await sql`update blob set stored_at = now() - interval '2 days'`;
}

async function collectAll(): Promise<void> {
  const collection = { after: '' };
  while ((await collectBlobsStep(dispatch.server.context, blobs, collection)) === 'again');
}

function present(digests: readonly string[]): Promise<boolean[]> {
  return Promise.all(digests.map(async (sha256) => (await blobs.size(sha256)) !== undefined));
}
