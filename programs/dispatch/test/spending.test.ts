import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type JobViewText, setMaxPrice } from '@taika/protocol/dispatch/jobs';
import { listInvoices } from '@taika/protocol/dispatch/money';
import { readRates, setRates } from '@taika/protocol/dispatch/parties';
import type { JobId } from '@taika/protocol/schema';
import { createGrid, listDefects, reportOf, type TestGrid, type TestWorker } from './support/grid.ts';
import { bearer, refusalOf } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

let dispatch: TestDispatch;
let grid: TestGrid;
let worker: TestWorker;
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  worker = await grid.terminal();
});
after(() => dispatch?.[Symbol.asyncDispose]());

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const jpy = (coins: number) => ({ currency: 'JPY', amountMilli: String(coins * 1000) });
/** One coin at the demonstration tariff. */
const unitFuel = 10 ** 9;

test('a job pauses before it costs more than it may, says why, and goes on when it may cost more', async () => {
  const jobId = await grid.submit('a\nb\nc\nd\ne\nf\n', {
    ...byLines,
    maxPrice: jpy(3),
  });
  await grid.reach(jobId, 'running');
  const paused = await computeWhile(jobId, (view) => view.state !== 'paused');
  assert.equal(paused.units.done, 3);
  assert.deepEqual(paused.reason.code, 'price-limit');
  assert.equal(paused.price.amountMilli, '3000');
  for (let call = 0; call < 3; call++) {
    const { assignments } = await worker.cycle({ unitsMax: 1 });
    assert.deepEqual(assignments, []);
  }
  const raise = (coins: number) =>
    grid.customer.call(setMaxPrice, { params: { jobId }, body: { maxPrice: jpy(coins) } });
  assert.equal((await raise(20)).state, 'running');
  assert.equal((await raise(20)).maxPrice?.amountMilli, '20000');
  const dear = await grid.submit('z\n', { ...byLines, maxPrice: jpy(10 ** 9 - 100) });
  assert.equal((await refusalOf(raise(200))).code, 'funds-short');
  assert.equal((await grid.read(jobId)).maxPrice?.amountMilli, '20000');
  await grid.cancel(dear);
  await computeWhile(jobId, (view) => view.state === 'running');
  await grid.reach(jobId, 'done');
  const { invoiceId } = await computeWhile(jobId, (view) => view.invoiceId === undefined);
  const { items } = await grid.customer.call(listInvoices, { query: {} });
  const invoice = items.find((each) => each.invoiceId === invoiceId);
  assert.equal(invoice?.total.amountMilli, '7000', 'Six coins, and the tax rounded to one.');
  assert.equal((await refusalOf(raise(30))).code, 'wrong-state');
  const { sql } = dispatch.server.context;
  assert.deepEqual(await listDefects(sql), []);
  assert.deepEqual([...(await sql`select * from funds_defect union all select * from money_defect`)], []);
});

test('a job may not be made cheaper than what is computed and out, and not at all once everything is computed', async () => {
  const jobId = await grid.submit('a\nb\nc\nd\ne\n', { ...byLines, maxPrice: jpy(10) });
  await grid.reach(jobId, 'running');
  const setTo = (coins: number) =>
    grid.customer.call(setMaxPrice, { params: { jobId }, body: { maxPrice: jpy(coins) } });
  await computeWhile(jobId, ({ units }) => units.done < 2);
  // Two are computed and one is out: three coins, and the tax rounded to none.
  const [out] = (await worker.cycle({ unitsMax: 1 })).assignments;
  assert.ok(out);
  const refused = await refusalOf(setTo(2));
  assert.equal(refused.code, 'wrong-state');
  assert.match(String(refused.detail), /may not cost less than 3 JPY, tax included/);
  const lowered = await setTo(3);
  assert.deepEqual([lowered.state, lowered.maxPrice], ['paused', jpy(3)]);
  assert.match(lowered.reason.sentence, /has to be allowed 4 JPY or more, and about 6 JPY to the end\.$/);
  const report = await reportOf(out);
  await worker.cycle({ reports: [{ ...report, fuels: report.fuels.map(() => unitFuel) }], unitsMax: 0 });
  assert.equal((await refusalOf(setTo(1))).code, 'wrong-state');
  assert.equal((await setTo(6)).state, 'running');
  // While the last results come in, somebody says again and again that it may cost one coin.
  let isOver = false;
  const lowering = (async () => {
    while (!isOver) assert.equal((await refusalOf(setTo(1))).code, 'wrong-state');
  })();
  await computeWhile(jobId, (view) => view.state === 'running');
  const { invoiceId } = await computeWhile(jobId, (view) => view.invoiceId === undefined);
  isOver = true;
  await lowering;
  const { items } = await grid.customer.call(listInvoices, { query: {} });
  const invoice = items.find((each) => each.invoiceId === invoiceId);
  assert.equal(invoice?.total.amountMilli, '6000', 'Five coins, and the tax rounded to one.');
  const { sql } = dispatch.server.context;
  assert.deepEqual([...(await sql`select * from funds_defect union all select * from money_defect`)], []);
});

test('the price of the level bounds a running job, and what it may cost follows the card that it was accepted under', async () => {
  const jobId = await grid.submit('a\nb\nc\nd\n', { ...byLines, trust: 'strict', maxPrice: jpy(5) });
  await grid.reach(jobId, 'running');
  // From now on work is free of charge; this job was accepted before.
  const operator = bearer(dispatch.url, dispatch.operatorKey);
  const { version, ...card } = await operator.call(readRates);
  const params = { version: String(version + 1) };
  await operator.call(setRates, { params, body: { ...card, price: jpy(0) } });
  const paused = await computeWhile(jobId, (view) => view.state !== 'paused');
  // Two coins a unit at `strict`: a third unit would pass five coins with its tax.
  assert.equal(paused.units.done, 2);
  assert.equal(paused.price.amountMilli, '4000');
  const maxPrice = jpy(20);
  const raised = await grid.customer.call(setMaxPrice, { params: { jobId }, body: { maxPrice } });
  assert.deepEqual([raised.state, raised.maxPrice], ['running', maxPrice]);
  await grid.cancel(jobId);
  const { sql } = dispatch.server.context;
  assert.deepEqual([...(await sql`select * from funds_defect union all select * from money_defect`)], []);
});

/** Computes unit by unit, each for one coin, while the condition holds. */
async function computeWhile(jobId: JobId, isToGoOn: (view: JobViewText) => boolean): Promise<JobViewText> {
  for (;;) {
    const view = await grid.read(jobId);
    if (!isToGoOn(view)) return view;
    for (const assignment of (await worker.cycle({ unitsMax: 1 })).assignments) {
      const report = await reportOf(assignment);
      await worker.cycle({ reports: [{ ...report, fuels: report.fuels.map(() => unitFuel) }], unitsMax: 0 });
      // Saying the same price again looks at the spending at once; else a loop does, twice a second.
      const { maxPrice } = view;
      if (maxPrice)
        await grid.customer.call(setMaxPrice, { params: { jobId }, body: { maxPrice } }).catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
