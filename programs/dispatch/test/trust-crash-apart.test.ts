/** Moments of trust that an ordinary job does not pass: copies that are overdue, partners that fell silent, cancelled jobs, a second chance. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Sql } from '@taika/database/connect';
import { createTestDatabase } from '@taika/database/test-database';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { dispatchMigrations } from '../src/migrations.ts';
import { trustAtOnce } from './support/final-lie.ts';
import { forkServer, type ServerProcess } from './support/fork-server.ts';
import {
  createGrid,
  listDefects,
  pause,
  reportOf,
  shout,
  type TestGrid,
  type TestWorker,
} from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { assertEverythingEarnedOnce, assertTraceIsTrue } from './support/trust.ts';
import { workThrough } from './support/work-through.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

/** A server that kills itself at the fault, and what a test does with it and with the one after it. */
interface Scene {
  readonly sql: Sql;
  readonly grid: TestGrid;
  readonly first: ServerProcess;
  /** Where terminals call; changes with the server. */
  readonly address: { url: string };
  /** Lets a terminal work until the test is over. */
  work(worker: TestWorker): void;
  /** Does something again and again until the test is over. */
  disturb(step: () => Promise<unknown>): void;
  /** Waits until the first server is dead and starts another. */
  next(): Promise<TestGrid>;
}

function crashTest(title: string, fault: string, play: (scene: Scene) => Promise<void>): void {
  test(`a server killed at "${fault}": ${title}`, async () => {
    let isOver = false;
    const going: Promise<unknown>[] = [];
    await using started = new AsyncDisposableStack();
    // Also when an assertion fails: terminals that go on would keep the test's process alive.
    started.defer(() => {
      isOver = true;
    });
    const database = started.use(
      await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] }),
    );
    const { sql } = database;
    const data = await mkdtemp(join(tmpdir(), 'taika-trust-crash-'));
    started.defer(() => rm(data, { recursive: true, force: true }));
    const settings = { port: '0', data, databaseUrl: database.url, connections: '4', logLevel: 'error' };
    const first = started.use(await forkServer(settings, { TAIKA_FAULT: fault }));
    const grid = await createGrid(first.url, first.operatorKey);
    const address = { url: first.url };
    await play({
      sql,
      grid,
      first,
      address,
      work: (worker) => void going.push(workThrough(worker, address, shout, () => isOver)),
      disturb: (step) =>
        void going.push(
          (async () => {
            while (!isOver) {
              await step().catch(() => {});
              await pause();
            }
          })(),
        ),
      async next() {
        assert.equal(await first.gone, 'SIGKILL');
        const second = started.use(await forkServer(settings));
        address.url = second.url;
        return grid.at(second.url);
      },
    });
    isOver = true;
    await Promise.all(going);
    await assertTraceIsTrue(sql);
    await assertEverythingEarnedOnce(sql);
  });
}

/** A partner that takes work and never hands any in. */
crashTest('copies that were overdue are computed by others, once', 'copies-expired', async (scene) => {
  const { sql, grid, first, address, work, disturb, next } = scene;
  const sleeper = await presentWorker(scene);
  const jobId = await grid.submit(lines(80), { ...byLines, trust: 'strict' });
  for (const worker of [await trustedWorker(scene), await addOwnWorker(first, 'reference')]) work(worker);
  disturb(async () => {
    await sleeper.at(address.url).cycle({ unitsMax: 4 });
    await sql`
      update assignment
      set deadline = now()
      where terminal_number = (select number from terminal where id = ${sleeper.terminalId})
    `;
  });
  await reachDone(await next(), jobId);
});

/** A partner that was there a moment ago. */
crashTest('copies of one that fell silent are computed by others, once', 'silent-lapsed', async (scene) => {
  const { sql, grid, first, work, disturb, next } = scene;
  const silent = await presentWorker(scene);
  const jobId = await grid.submit(lines(80), { ...byLines, trust: 'strict' });
  for (const worker of [await trustedWorker(scene), await addOwnWorker(first, 'reference')]) work(worker);
  disturb(async () => {
    const waiting = await sql`
      update audit
      set wanted_at = now() - interval '1 hour'
      where state = 'wanted'
        and by_terminal = (select number from terminal where id = ${silent.terminalId})
      returning id
    `;
    await sql`
      update terminal_presence
      set state = 'idle-no-work',
          seen_at = ${waiting.length > 0 ? sql`now() - interval '1 hour'` : sql`now()`}
      where terminal_number = (select number from terminal where id = ${silent.terminalId})
    `;
  });
  await reachDone(await next(), jobId);
});

for (const fault of ['sweep-settled', 'sweep-cleared']) {
  crashTest('what a cancelled job leaves behind is settled once', fault, async (scene) => {
    const { sql, grid, first, work, next } = scene;
    const jobId = await grid.submit(lines(400), { ...byLines, trust: 'standard' });
    for (const worker of [
      await trustedWorker(scene),
      await grid.terminal(),
      await addOwnWorker(first, 'reference'),
    ]) {
      work(worker);
    }
    while ((await grid.read(jobId)).units.done < 40) await pause();
    await grid.cancel(jobId);
    await next();
    const isSwept = async () =>
      (await sql`select from job_cursor where is_swept and not is_open`).length > 0 &&
      (await sql`select from job_cursor where is_settling`).length === 0 &&
      (await sql`select from assignment`).length === 0;
    while (!(await isSwept())) await pause();
    while ((await listDefects(sql)).length > 0) await pause();
  });
}

crashTest(
  'a terminal that looked like a hardware fault is let in again once',
  'trust-readmitted',
  async (scene) => {
    const { sql, grid, first, work, next } = scene;
    const faulty = await trustedWorker(scene);
    const number = sql`(select number from terminal where id = ${faulty.terminalId})`;
    // As if two hundred and fifty of its results had been computed again already and were right.
    await sql`update terminal_trust set recalls_done = 250 where terminal_number = ${number}`;
    const jobId = await grid.submit(lines(400), { ...byLines, trust: 'economy' });
    await grid.reach(jobId, 'running');
    // Until one is not drawn to be checked: it stands open when the right is taken.
    const hasOpen = async () =>
      (await sql`select from trust_run where terminal_number = ${number} and state = 'open' and not awaits`)
        .length > 0;
    for (let tries = 0; !(await hasOpen()); tries++) {
      assert.ok(tries < 200);
      const { assignments } = await faulty.cycle({ unitsMax: 1 });
      const reports = await Promise.all(assignments.map((each) => reportOf(each)));
      if (reports.length > 0) await faulty.cycle({ reports, unitsMax: 0 });
      await pause();
    }
    const strictJob = await grid.submit(lines(3), { ...byLines, trust: 'strict' });
    await grid.reach(strictJob, 'running');
    for (let isWrong = false; !isWrong; ) {
      const taken = await faulty.take({ unitsMax: 1 });
      const own = taken.filter(({ jobId: of }) => of === strictJob);
      isWrong = own.length > 0;
      const reports = await Promise.all(
        taken.map((each) => reportOf(each, each === own[0] ? () => 'a bit fell over\n' : shout)),
      );
      await faulty.cycle({ reports, unitsMax: 0 });
    }
    for (const worker of [await grid.terminal(), await addOwnWorker(first, 'reference')]) work(worker);
    const customer = await next();
    const isBack = async () =>
      (
        await sql`
        select from terminal t join terminal_trust tt on tt.terminal_number = t.number
        where t.number = ${number} and t.state = 'active' and tt.standing = 'probation' and tt.reentries = 1
      `
      ).length > 0;
    while (!(await isBack())) await pause();
    await reachDone(customer, strictJob);
    assert.equal(await customer.result(strictJob), lines(3).toUpperCase());
  },
);

async function trustedWorker({ sql, grid }: Pick<Scene, 'sql' | 'grid'>): Promise<TestWorker> {
  const worker = await grid.terminal();
  await trustAtOnce(sql, worker, 1_000);
  return worker;
}

/** One that may be chosen as a partner from now on: where it was seen is written after a while only. */
async function presentWorker(scene: Pick<Scene, 'sql' | 'grid'>): Promise<TestWorker> {
  const worker = await trustedWorker(scene);
  await worker.cycle({ unitsMax: 0 });
  const isSeen = async () =>
    (
      await scene.sql`
        update terminal_presence
        set state = 'idle-no-work', seen_at = now()
        where terminal_number = (select number from terminal where id = ${worker.terminalId})
        returning 1
      `
    ).length > 0;
  while (!(await isSeen())) await pause();
  return worker;
}

async function reachDone(grid: TestGrid, jobId: Parameters<TestGrid['read']>[0]): Promise<void> {
  const view = await grid.reach(jobId, 'done');
  assert.equal(view.trust?.final, view.units.total);
  assert.equal(view.units.done, view.units.total);
}
