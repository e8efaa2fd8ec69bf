/** What a recall does to money: the customer is credited, the liar's points are taken back, the honest are paid. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generateKeyPair, thumbprint } from '@taika/crypto/keys';
import { listCreditNotes, readCreditNoteFile } from '@taika/protocol/dispatch/credits';
import { capturePoints, holdPoints, listInvoices } from '@taika/protocol/dispatch/money';
import type { HoldId, JobId, OrderId, Pseudonym } from '@taika/protocol/schema';
import { findAllDefects } from '../src/books/find-defects.ts';
import { journalPointsStep } from '../src/rewards/journal-points.ts';
import { finalLie, trustAtOnce } from './support/final-lie.ts';
import { type Compute, createGrid, pause, reportOf, type TestGrid, type TestWorker } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { confirmOrder, newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertEverythingEarnedOnce } from './support/trust.ts';
import { readPointsOf } from './support/work.ts';
import { startWorkingPool, type WorkingPool } from './support/working-pool.ts';

/** At the demonstration tariff 10^9 fuel cost a yen and earn half a point; `economy` costs 1.05 times as much. */
const unitFuel = 10 ** 9;
const honestly: Compute = (input) => ({ output: input.toUpperCase(), fuel: unitFuel });
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

let dispatch: TestDispatch;
let grid: TestGrid;
/** Two terminals with a history; what they are chosen for in one test must not wait in another. */
let honest: TestWorker[];
let pool: WorkingPool;
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  honest = [await grid.terminal(), await grid.terminal()];
  for (const worker of honest) await trustAtOnce(sql(), worker, 1_000);
  pool = startWorkingPool([...honest, await addOwnWorker(dispatch, 'reference')], honestly);
});
after(async () => {
  await pool?.[Symbol.asyncDispose]();
  await dispatch?.[Symbol.asyncDispose]();
});

const sql = () => dispatch.server.context.sql;
const until = async (condition: () => Promise<boolean>) => {
  while (!(await condition())) await pause();
};

test('a paid lie is found after the invoice: a credit note, points taken back, a debt, and honest work paid', async () => {
  // Of a run of two units one is a lie, which claims three times the fuel of the truth.
  const lie: Compute = (input, ...rest) =>
    input === 'line 0\n' ? { output: 'lie\n', fuel: 3 * unitFuel } : honestly(input, ...rest);
  const { jobId, liar, member } = await pool.restWhile(() =>
    finalLie({ grid, sql: sql() }, { input: lines(20), lie, newMember, units: 2 }),
  );
  const isInvoiced = async () => (await grid.read(jobId)).invoiceId !== undefined;
  await until(isInvoiced);
  assert.deepEqual(await money(jobId), { net: 23, tax: 2, total: 25 }, '22 units of fuel at 1.05 yen.');
  await spendOnePoint(member);

  await revokeByLying(liar);
  const isCredited = async () => (await grid.read(jobId)).corrections?.[0]?.creditNote !== undefined;
  await until(isCredited);
  assert.equal(await grid.result(jobId), lines(20).toUpperCase());

  const view = await grid.read(jobId);
  assert.equal(view.fuel, String(20 * unitFuel));
  assert.equal(view.price.amountMilli, '21000');
  const [correction] = view.corrections ?? [];
  const { items: notes } = await grid.customer.call(listCreditNotes, { query: {} });
  const [note] = notes;
  assert.ok(note && notes.length === 1);
  assert.deepEqual(correction?.creditNote, { number: note.number, total: note.total });
  assert.equal(correction?.units, 1, 'The other one of its run was right.');
  assert.match(
    correction?.en ?? '',
    /^1 unit was found wrong after .* 2 JPY are credited by CN-.*because the right results took less/,
  );
  assert.match(correction?.ja ?? '', /^業務の完了後、1単位の結果に誤り.*CN-.*により2 JPYが返金されます/);
  assert.deepEqual([note.net.amountMilli, note.tax.amountMilli], ['2000', '0'], '21 yen in place of 23.');
  assert.match(
    note.reason,
    /^1 unit was found wrong .* 20000000000 fuel in place of 22000000000\. \/ 請求後に1単位の結果の誤り/,
  );
  const params = { creditNoteId: note.creditNoteId, format: 'csv' } as const;
  const file = await (await grid.customer.open(readCreditNoteFile, { params })).text();
  assert.match(
    file,
    /units=1; fuel-invoiced=22000000000; fuel=20000000000; price=.*; level=economy; factor=1\.050; rate-version=1/,
  );

  await journal();
  const { debtMilli, availableMilli, pendingMilli } = await pointsOf(member);
  assert.deepEqual(
    { debtMilli, availableMilli, pendingMilli },
    { debtMilli: '1000', availableMilli: '0', pendingMilli: '0' },
    'Of two points for the run with the lie one was spent.',
  );
  for (const worker of honest) {
    const { committed, finalized, forfeited, recalled } = await entriesOf(worker, jobId);
    assert.deepEqual([finalized, forfeited, recalled], [committed, 0n, 0n]);
  }
  assert.deepEqual(await recallsUnpaid(jobId), [], 'Whoever computed the lie again was paid.');
  await until(async () => (await findAllDefects(sql())).length === 0);
  await assertEverythingEarnedOnce(sql());
});

test('right results that took more than the wrong ones are not charged for', async () => {
  const lie: Compute = () => ({ output: 'lie\n', fuel: unitFuel / 2 });
  const { jobId, liar } = await pool.restWhile(() =>
    finalLie({ grid, sql: sql() }, { input: lines(20), lie, newMember }),
  );
  const isInvoiced = async () => (await grid.read(jobId)).invoiceId !== undefined;
  await until(isInvoiced);
  const before = await money(jobId);
  assert.equal(before.net, 20, '19.5 units of fuel at 1.05 yen are 20.475.');
  await revokeByLying(liar);
  const isSettled = async () =>
    (
      await sql()`
      select from job_correction c join job on job.number = c.job_number
      where job.id = ${jobId} and credited_at is not null and credit_note_number is null
    `
    ).length === 1;
  await until(isSettled);
  assert.deepEqual(await money(jobId), before);
  const view = await grid.read(jobId);
  assert.equal(view.fuel, String(20 * unitFuel));
  assert.equal(view.price.amountMilli, '20475', 'No more than was invoiced.');
  assert.deepEqual(await findAllDefects(sql()), []);
  await assertEverythingEarnedOnce(sql());
});

/** Where everything is checked it lies again, and is revoked: what it said before is computed again. */
async function revokeByLying(liar: TestWorker): Promise<void> {
  const strictJob = await pool.restWhile(async () => {
    const jobId = await grid.submit(lines(6), { ...byLines, trust: 'strict' });
    await grid.reach(jobId, 'running');
    const [first] = await liar.take({ unitsMax: 1 });
    assert.ok(first);
    const lie: Compute = () => ({ output: 'lie\n', fuel: unitFuel });
    await liar.cycle({ reports: [await reportOf(first, lie)], unitsMax: 0 });
    return jobId;
  });
  await until(
    async () =>
      (await sql()`select from terminal where id = ${liar.terminalId} and state = 'revoked'`).length > 0,
  );
  await until(async () => (await grid.read(strictJob)).state === 'done');
}

async function newMember() {
  const keyPair = await generateKeyPair();
  const pseudonym = newId<Pseudonym>();
  return { keyPair, pseudonym, product: 'shop', kind: 'service' } as const;
}

type Member = Awaited<ReturnType<typeof newMember>>;

async function spendOnePoint({ keyPair, pseudonym }: Member): Promise<void> {
  const { caller, vendorId } = grid.vendor;
  const ids = { holdId: newId<HoldId>(), orderId: newId<OrderId>() };
  await journal();
  const params = { holdId: ids.holdId };
  await caller.call(holdPoints, { params, body: { pseudonym, orderId: ids.orderId, pointsMilli: '1000' } });
  const terminal = { keyPair, thumbprint: await thumbprint(keyPair.publicKey) };
  const order = { vendorId, orderId: ids.orderId, pointsMilli: '1000' };
  await caller.call(capturePoints, { params, body: { confirmation: await confirmOrder(terminal, order) } });
}

async function pointsOf({ pseudonym }: Member) {
  const { sql } = dispatch.server.context;
  const [row] = await sql<{ terminalId: string }[]>`
    select t.id as terminal_id
    from registration r
    join terminal t on t.number = r.terminal_number
    where r.pseudonym = ${pseudonym}
  `;
  return readPointsOf(sql, row!.terminalId);
}

async function journal(): Promise<void> {
  while ((await journalPointsStep(dispatch.server.context)) === 'again') {
    // Until all is in the books.
  }
}

async function money(jobId: JobId) {
  const { items } = await grid.customer.call(listInvoices, { query: {} });
  const invoice = items.find(({ lines: [line] }) => line?.jobId === jobId) ?? assert.fail();
  const yen = ({ amountMilli }: { amountMilli: string }) => Number(amountMilli) / 1_000;
  return { net: yen(invoice.net), tax: yen(invoice.tax), total: yen(invoice.total) };
}

async function entriesOf({ terminalId }: TestWorker, jobId: JobId) {
  const rows = await sql()<{ kind: string; fuel: string }[]>`
    select e.kind, sum(e.fuel)::text as fuel
    from points_entry e
    join job on job.number = e.job_number
    join terminal on terminal.number = e.terminal_number
    where terminal.id = ${terminalId}
      and job.id = ${jobId}
    group by e.kind
  `;
  const of = (kind: string) => BigInt(rows.find((row) => row.kind === kind)?.fuel ?? 0);
  return {
    committed: of('committed'),
    finalized: of('finalized'),
    forfeited: of('forfeited'),
    recalled: of('recalled'),
  };
}

/** Copies of recalled results by members' terminals that earned nothing. */
async function recallsUnpaid(jobId: JobId): Promise<object[]> {
  const rows = await sql()`
    select audit.id, audit.points, audit.outcome
    from audit
    join job on job.number = audit.job_number
    join terminal on terminal.number = audit.terminal_number
    where job.id = ${jobId}
      and audit.reason = 'recall'
      and audit.result_units > 0
      and terminal.role = 'member'
      and audit.points <> 'paid'
  `;
  return [...rows];
}
