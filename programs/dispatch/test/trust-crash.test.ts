import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestDatabase } from '@taika/database/test-database';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { dispatchMigrations } from '../src/migrations.ts';
import { forkServer } from './support/fork-server.ts';
import { createGrid, shout } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { assertEverythingEarnedOnce, assertTraceIsTrue } from './support/trust.ts';
import { workThrough } from './support/work-through.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
const units = 80;

/** Each is a moment at which something of trust was just written and not yet committed, or committed and not yet followed. */
for (const fault of [
  'copy-taken:3',
  'copy-committed:5',
  'trust-decided:3',
  'trust-counted:4',
  'trust-committed:5',
  'trust-final',
  'trust-revoked',
  'audits-claimed:3',
  'sweep-settled',
  'sweep-cleared',
]) {
  test(`a server killed at "${fault}" decides on: no unit lost, none final twice, no points paid twice`, async () => {
    let isOver = false;
    await using started = new AsyncDisposableStack();
    // Also when an assertion fails: terminals that go on would keep the test's process alive.
    started.defer(() => {
      isOver = true;
    });
    const database = started.use(
      await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] }),
    );
    const data = await mkdtemp(join(tmpdir(), 'taika-trust-crash-'));
    started.defer(() => rm(data, { recursive: true, force: true }));
    const settings = { port: '0', data, databaseUrl: database.url, connections: '4', logLevel: 'error' };

    const first = started.use(await forkServer(settings, { TAIKA_FAULT: fault }));
    const grid = await createGrid(first.url, first.operatorKey);
    const honest = [await grid.terminal(), await grid.terminal(), await addOwnWorker(first, 'reference')];
    const liar = await grid.terminal();
    const address = { url: first.url };
    const jobId = await grid.submit(lines(units), { ...byLines, trust: 'standard' });
    const working = honest.map((worker) => workThrough(worker, address, shout, () => isOver));
    const lying = workThrough(
      liar,
      address,
      () => 'lie\n',
      () => isOver,
    );
    assert.equal(await first.gone, 'SIGKILL');

    const second = started.use(await forkServer(settings));
    address.url = second.url;
    const customer = grid.at(second.url);
    const view = await customer.reach(jobId, 'done');
    isOver = true;
    await Promise.all([...working, lying]);
    assert.equal(await customer.result(jobId), lines(units).toUpperCase());
    assert.equal(view.units.done, units);
    assert.equal(view.trust?.final, units);
    await assertTraceIsTrue(database.sql);
    await assertEverythingEarnedOnce(database.sql);
  });
}
