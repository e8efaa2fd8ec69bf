import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readEvents } from '@taika/http/read-events';
import { watchJob } from '@taika/protocol/dispatch/jobs';
import { readInvoice } from '@taika/protocol/dispatch/money';
import { listFailures, readUnit, type UnitOutputText, watchOutputs } from '@taika/protocol/dispatch/units';
import type { JobId } from '@taika/protocol/schema';
import { findAllDefects } from '../src/books/find-defects.ts';
import { createGrid, inputsOf, reportOf, type TestGrid, type TestWorker } from './support/grid.ts';
import { refusalOf } from './support/parties.ts';
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

test('outputs come in order while the job runs, wait for what is missing, and go on after a cursor', async () => {
  const jobId = await grid.submit('a\nb\nc\nd\n', byLines);
  await grid.reach(jobId, 'running');
  const [first, second, ...rest] = await takeSingles(4);
  assert.ok(first && second);
  const heard: string[] = [];
  const stop = new AbortController();
  const listening = (async () => {
    for await (const { unit, text } of outputs(jobId, { signal: stop.signal })) heard.push(`${unit} ${text}`);
  })();
  // The second unit first: nothing may be heard until the one before it is in.
  await report(second);
  await report(first);
  while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(heard, ['0 A\n', '1 B\n']);
  stop.abort();
  await listening.catch(() => {});
  for (const run of rest) await report(run);
  await grid.reach(jobId, 'done');
  const later = await Array.fromAsync(outputs(jobId, { lastEventId: '1' }));
  assert.deepEqual(later, [
    { unit: 2, text: 'C\n' },
    { unit: 3, text: 'D\n' },
  ]);
});

test('a view that the watcher has is not sent again, and the last one is', async () => {
  const jobId = await grid.submit('a\n', byLines);
  await grid.reach(jobId, 'running');
  const first = await readEvents(grid.customer, watchJob, { params: { jobId } }).next();
  const id = first.value?.id;
  assert.match(id ?? '', /^[\w-]{16}$/);
  const stop = new AbortController();
  const again = readEvents(grid.customer, watchJob, {
    params: { jobId },
    headers: { 'last-event-id': id ?? '' },
    signal: stop.signal,
  });
  const next = again.next();
  await grid.cancel(jobId);
  const changed = (await next).value;
  assert.ok(changed);
  assert.equal((changed.data as { state: string }).state, 'cancelled');
  stop.abort();
  const known = { params: { jobId }, headers: { 'last-event-id': changed.id ?? '' } };
  const last = await Array.fromAsync(readEvents(grid.customer, watchJob, known));
  assert.deepEqual(
    last.map(({ data }) => (data as { state: string }).state),
    ['cancelled'],
  );
});

test('failures are listed with unit, way and log, and the unit is given as terminals had it', async () => {
  const jobId = await grid.submit('x,y\n1,2\n3,4\n', {
    ...byLines,
    split: { by: 'csv', header: true, records: 1 },
    seed: '7',
  });
  await grid.reach(jobId, 'running');
  const runs = await takeSingles(2);
  const bad = runs[1];
  assert.ok(bad);
  const stderr = Buffer.from('no such column\n').toString('base64');
  await worker.cycle({
    reports: [
      {
        assignmentId: bad.assignmentId,
        fuels: [5],
        outputs: [''],
        failures: [{ at: 0, exitCode: 3, stderr }],
      },
    ],
    unitsMax: 0,
  });
  await grid.reach(jobId, 'failed');
  const { items } = await grid.customer.call(listFailures, { params: { jobId } });
  assert.deepEqual(
    items.map(({ at: _at, ...failure }) => failure),
    [{ unit: 1, exitCode: 3, stderr: 'no such column\n' }],
  );
  const { job, input, unit } = await grid.customer.call(readUnit, { params: { jobId, unit: '1' } });
  assert.deepEqual([unit, job.unitCount, job.seed], [1, 2, '7']);
  assert.equal(Buffer.from(job.header, 'base64').toString(), 'x,y\n');
  const given = { ...bad, input };
  assert.deepEqual(await inputsOf(given), ['3,4\n']);
  const beyond = grid.customer.call(readUnit, { params: { jobId, unit: '2' } });
  assert.equal((await refusalOf(beyond)).code, 'not-found');
});

for (const end of ['cancelled', 'failed'] as const) {
  test(`of a job that was ${end} what was streamed is charged, and nothing more is given`, async () => {
    const { sql } = dispatch.server.context;
    const jobId = await grid.submit('a\nb\nc\nd\n', byLines);
    await grid.reach(jobId, 'running');
    const runs = await takeSingles(4);
    const [first, second, third, fourth] = runs;
    assert.ok(first && second && third && fourth);
    await report(first, 10 ** 9);
    await report(second, 2 * 10 ** 9);
    const heard: number[] = [];
    const listening = (async () => {
      for await (const { unit } of outputs(jobId, {})) heard.push(unit);
    })();
    while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    // Twice is no more, and who says that it has the first is not charged for less.
    const stop = new AbortController();
    for await (const { unit } of outputs(jobId, { lastEventId: '0', signal: stop.signal })) {
      assert.equal(unit, 1);
      break;
    }
    stop.abort();
    assert.deepEqual(
      [(await grid.read(jobId)).delivered, (await grid.read(jobId)).price.amountMilli],
      [2, '3000'],
    );
    await report(fourth, 10 ** 9);
    if (end === 'cancelled') {
      await grid.cancel(jobId);
    } else {
      const failures = [{ at: 0, exitCode: 3, stderr: '' }];
      const failed = { assignmentId: third.assignmentId, fuels: [5], outputs: [''], failures };
      await worker.cycle({ reports: [failed], unitsMax: 0 });
      await grid.reach(jobId, 'failed');
    }
    // The stream that was under way ends.
    await listening;
    const refused = await refusalOf(Array.fromAsync(outputs(jobId, {})));
    assert.equal(refused.code, 'wrong-state');
    assert.match(String(refused.detail), /its outputs are not given any more/);
    await grid.customer.call(readUnit, { params: { jobId, unit: '1' } });
    await grid.customer.call(listFailures, { params: { jobId } });
    let view = await grid.read(jobId);
    for (; view.invoiceId === undefined; view = await grid.read(jobId)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(view.price.amountMilli, '3000');
    const { lines } = await grid.customer.call(readInvoice, { params: { invoiceId: view.invoiceId } });
    assert.deepEqual(
      lines.map(({ units, fuel, amount }) => [units, fuel, amount.amountMilli]),
      [[heard.length, '3000000000', '3000']],
    );
    assert.deepEqual(await findAllDefects(sql), []);
  });
}

test('a job of which nothing was streamed costs nothing when it is cancelled', async () => {
  const { sql } = dispatch.server.context;
  const jobId = await grid.submit('a\nb\n', byLines);
  await grid.reach(jobId, 'running');
  const [first] = await takeSingles(2);
  assert.ok(first);
  await report(first, 10 ** 9);
  await grid.cancel(jobId);
  const isHeld = async () => (await sql`select from job where id = ${jobId} and hold_is_open`).length > 0;
  while (await isHeld()) await new Promise((resolve) => setTimeout(resolve, 50));
  const view = await grid.read(jobId);
  assert.deepEqual([view.invoiceId, view.delivered, view.price.amountMilli], [undefined, undefined, '0']);
  assert.deepEqual(await findAllDefects(sql), []);
});

test('whenever a job is cancelled, what a reader got is what it is charged for', async () => {
  const { sql } = dispatch.server.context;
  for (let round = 0; round < 6; round++) {
    const jobId = await grid.submit('a\nb\nc\nd\ne\nf\n', byLines);
    await grid.reach(jobId, 'running');
    const heard: number[] = [];
    const listening = Promise.all(
      [0, 1].map(async () => {
        for await (const { unit } of outputs(jobId, {})) heard.push(unit);
      }),
    );
    for (const run of (await takeSingles(6)).slice(0, 5)) await report(run, 10 ** 9);
    await new Promise((resolve) => setTimeout(resolve, round * 90));
    await grid.cancel(jobId);
    await listening;
    const got = new Set(heard).size;
    const [row] = await sql<{ deliveredUnits: number; deliveredFuel: string }[]>`
      select delivered_units, delivered_fuel from job where id = ${jobId}`;
    assert.ok(
      row && row.deliveredUnits >= got && row.deliveredUnits <= got + 1,
      `${got} of ${row?.deliveredUnits}`,
    );
    assert.equal(row.deliveredFuel, String(row.deliveredUnits * 10 ** 9));
  }
});

async function takeSingles(units: number) {
  const runs = [];
  while (runs.length < units) runs.push(...(await worker.cycle({ unitsMax: 1 })).assignments);
  return runs.sort((left, right) => left.firstUnit - right.firstUnit);
}

async function report(run: Awaited<ReturnType<typeof takeSingles>>[number], unitFuel?: number) {
  const told = await reportOf(run);
  const fuels = unitFuel === undefined ? told.fuels : told.fuels.map(() => unitFuel);
  await worker.cycle({ reports: [{ ...told, fuels }], unitsMax: 0 });
}

async function* outputs(
  jobId: JobId,
  { lastEventId, signal }: { readonly lastEventId?: string; readonly signal?: AbortSignal },
) {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  for await (const { event, data } of readEvents(grid.customer, watchOutputs, {
    params: { jobId },
    headers,
    signal,
  })) {
    if (event !== 'output') continue;
    const { unit, output } = data as UnitOutputText;
    yield { unit, text: Buffer.from(output ?? '', 'base64').toString() };
  }
}
