import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestDatabase } from '@taika/database/test-database';
import { ledgerMigrations } from '@taika/ledger/migrations';
import type { ReportText } from '@taika/protocol/dispatch/cycle';
import { dispatchMigrations } from '../src/migrations.ts';
import { forkServer } from './support/fork-server.ts';
import {
  type Compute,
  createGrid,
  listDefects,
  pause,
  reportOf,
  sha256Of,
  shout,
  smallestProgram,
  type TestWorker,
} from './support/grid.ts';
import { newId } from './support/parties.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
const units = 120;

/** Each is a moment at which something was just written and nobody was told, or the other way round. */
const simple = { spec: byLines, compute: shout, result: lines(units).toUpperCase(), counted: units };
/** Three rounds, each of which puts a mark behind every line, and after each the program that asks for another. */
const rounds = {
  spec: { ...byLines, rounds: { next: sha256Of(smallestProgram) as never, max: 3 } },
  compute: (input: string) =>
    input.includes('\n', input.indexOf('\n') + 1) ? `next\n${input}` : `${input.trim()}!\n`,
  result: lines(units).replaceAll('\n', '!!!\n'),
  counted: 3 * (units + 1),
};

for (const [fault, { spec, compute, result, counted }] of [
  ['split-written', simple],
  ['claimed:3', simple],
  ['before-count:2', simple],
  ['counted:2', simple],
  ['merge-written', simple],
  ['phase-followed:2', rounds],
  ['phase-begun:3', rounds],
  ['split-written:4', rounds],
  ['merge-written:4', rounds],
] as const) {
  test(`a server killed at "${fault}" goes on where it was: nothing is lost, nothing counts twice`, async () => {
    let isOver = false;
    await using started = new AsyncDisposableStack();
    // Also when an assertion fails: terminals that go on would keep the test's process alive.
    started.defer(() => {
      isOver = true;
    });
    const database = started.use(
      await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] }),
    );
    const data = await mkdtemp(join(tmpdir(), 'taika-crash-'));
    started.defer(() => rm(data, { recursive: true, force: true }));
    const settings = { port: '0', data, databaseUrl: database.url, connections: '4', logLevel: 'error' };

    const first = started.use(await forkServer(settings, { TAIKA_FAULT: fault }));
    const grid = await createGrid(first.url, first.operatorKey);
    const workers = [await grid.terminal(), await grid.terminal()];
    const address = { url: first.url };
    const jobId = await grid.submit(lines(units), spec);
    const working = workers.map((worker) => workThrough(worker, address, compute, () => isOver));
    assert.equal(await first.gone, 'SIGKILL');

    const second = started.use(await forkServer(settings));
    address.url = second.url;
    const customer = grid.at(second.url);
    const view = await customer.reach(jobId, 'done');
    isOver = true;
    await Promise.all(working);
    assert.equal(await customer.result(jobId), result);
    assert.equal(view.units.done, counted);
    const [entries] = await database.sql<
      { units: number }[]
    >`select sum(units)::int as units from points_entry`;
    assert.equal(entries!.units, counted);
    assert.deepEqual(await listDefects(database.sql), []);
  });
}

/** A terminal that outlives its server: it repeats a call until it is answered, and keeps results until they are acknowledged. */
async function workThrough(
  worker: TestWorker,
  address: { url: string },
  compute: Compute,
  isOver: () => boolean,
): Promise<void> {
  let reports: ReportText[] = [];
  while (!isOver()) {
    const cycleId = newId<never>();
    for (let retry = false; !isOver(); retry = true) {
      try {
        const reply = await worker.at(address.url).cycle({ reports, cycleId, retry });
        reports = await Promise.all(reply.assignments.map((assignment) => reportOf(assignment, compute)));
        break;
      } catch {
        await pause();
      }
    }
    await pause();
  }
}
