import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestDatabase } from '@taika/database/test-database';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { listCreditNotes } from '@taika/protocol/dispatch/credits';
import { findAllDefects } from '../src/books/find-defects.ts';
import { dispatchMigrations } from '../src/migrations.ts';
import { finalLie } from './support/final-lie.ts';
import { forkServer } from './support/fork-server.ts';
import { type Compute, createGrid, pause, reportOf } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { assertEverythingEarnedOnce } from './support/trust.ts';
import { workThrough } from './support/work-through.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
const unitFuel = 10 ** 9;
const honestly: Compute = (input) => ({ output: input.toUpperCase(), fuel: unitFuel });
const lie: Compute = () => ({ output: 'lie\n', fuel: 3 * unitFuel });

/**
 * With the liar's right taken, its final results picked, the wrong one noted as corrected, each not committed yet; before the
 * corrected merge is committed, between it and the credit, and before the credit is committed.
 */
for (const fault of [
  'trust-revoked',
  'trust-recalled',
  'trust-correction-noted',
  'corrected',
  'credit-due',
  'correction-credited',
]) {
  test(`a server killed at "${fault}" credits a corrected job once, and the books balance`, async () => {
    let isOver = false;
    await using started = new AsyncDisposableStack();
    // Also when an assertion fails: terminals that go on would keep the test's process alive.
    started.defer(() => {
      isOver = true;
    });
    const database = started.use(
      await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] }),
    );
    const { sql } = database;
    const data = await mkdtemp(join(tmpdir(), 'taika-recall-crash-'));
    started.defer(() => rm(data, { recursive: true, force: true }));
    const settings = {
      port: '0',
      data,
      databaseUrl: database.url,
      connections: '4',
      logLevel: 'error',
      rates: 'demo',
    } as const;

    const first = started.use(await forkServer(settings, { TAIKA_FAULT: fault }));
    const grid = await createGrid(first.url, first.operatorKey);
    const honest = [await grid.terminal(), await addOwnWorker(first, 'reference')];
    const { jobId, liar } = await finalLie(
      { grid, sql },
      { input: lines(20), lie, newMember: async () => ({}) },
    );
    const address = { url: first.url };
    const working = honest.map((worker) => workThrough(worker, address, honestly, () => isOver));
    while ((await grid.read(jobId)).invoiceId === undefined) {
      await pause();
    }
    const strictJob = await grid.submit(lines(60), { ...byLines, trust: 'strict' });
    await grid.reach(strictJob, 'running');
    const [taken] = await liar.take({ unitsMax: 1 });
    assert.ok(taken);
    await liar.cycle({ reports: [await reportOf(taken, lie)], unitsMax: 0 });
    assert.equal(await first.gone, 'SIGKILL');

    const second = started.use(await forkServer(settings));
    address.url = second.url;
    const customer = grid.at(second.url);
    while ((await customer.read(jobId)).corrections?.[0]?.creditNote === undefined) {
      await pause();
    }
    await customer.reach(strictJob, 'done');
    while ((await customer.read(strictJob)).invoiceId === undefined) {
      await pause();
    }
    isOver = true;
    await Promise.all(working);
    assert.equal(await customer.result(jobId), lines(20).toUpperCase());
    const { items } = await customer.customer.call(listCreditNotes, { query: {} });
    assert.deepEqual(
      items.map(({ net, tax }) => [net.amountMilli, tax.amountMilli]),
      [['2000', '0']],
      'Once: 21 yen in place of 23.',
    );
    assert.deepEqual(await findAllDefects(sql), []);
    await assertEverythingEarnedOnce(sql);
  });
}
