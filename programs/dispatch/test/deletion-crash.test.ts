import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestDatabase } from '@taika/database/test-database';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { deleteJobData } from '@taika/protocol/dispatch/jobs';
import { openDirectoryBlobs } from '../src/blobs/directory-blobs.ts';
import { dispatchMigrations } from '../src/migrations.ts';
import { forkServer } from './support/fork-server.ts';
import { createGrid, listDefects, pause, reportOf, shout } from './support/grid.ts';

/** Three batches of the deletion. */
const units = 25_000;

for (const [fault, left] of [
  ['rows-deleted:2', 5_000],
  ['rows-deleted:3', 0],
] as const) {
  test(`a server killed at "${fault}" goes on deleting where it was, and what was earned stays`, async () => {
    await using started = new AsyncDisposableStack();
    const database = started.use(
      await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] }),
    );
    const data = await mkdtemp(join(tmpdir(), 'taika-crash-'));
    started.defer(() => rm(data, { recursive: true, force: true }));
    const settings = { port: '0', data, databaseUrl: database.url, connections: '4', logLevel: 'error' };
    const { sql } = database;

    const first = started.use(await forkServer(settings, { TAIKA_FAULT: fault }));
    const grid = await createGrid(first.url, first.operatorKey);
    const worker = await grid.terminal();
    const jobId = await grid.submit('word\n'.repeat(units), {
      split: { by: 'lines', records: 1 },
      merge: { by: 'lines' },
    });
    await grid.reach(jobId, 'running');
    const assignments = await worker.take();
    const reports = await Promise.all(assignments.map((assignment) => reportOf(assignment, shout)));
    await worker.cycle({ reports, unitsMax: 0 });
    const earned = assignments.reduce((sum, { input }) => sum + input.lengths.length, 0);
    while ((await grid.read(jobId)).units.done < earned) await pause();
    await grid.cancel(jobId);
    const before = await grid.read(jobId);
    assert.deepEqual([before.units.done, earned > 0], [earned, true]);
    // The server may die before it answers.
    await grid.customer.call(deleteJobData, { params: { jobId } }).catch(() => {});
    assert.equal(await first.gone, 'SIGKILL');
    assert.equal(await count(), left);
    assert.deepEqual(await listDefects(sql), []);

    const second = started.use(await forkServer(settings));
    const customer = grid.at(second.url);
    while ((await customer.read(jobId)).dataDeletedAt === undefined) await pause();
    assert.equal(await count(), 0);
    const after = await customer.read(jobId);
    assert.deepEqual([after.units, after.fuel], [before.units, before.fuel]);
    const [entries] = await sql<{ units: number }[]>`select sum(units)::int as units from points_entry`;
    assert.equal(entries?.units, earned);
    assert.deepEqual(await listDefects(sql), []);

    async function count(): Promise<number> {
      const [row] = await sql<{ rows: number }[]>`select count(*)::int as rows from unit`;
      return row?.rows ?? -1;
    }
  });
}

for (const [fault, isThere] of [
  ['blob-rows-deleted', true],
  ['blob-bytes-removed', false],
] as const) {
  test(`a server killed at "${fault}" leaves no row without bytes, and the next removes them`, async () => {
    await using started = new AsyncDisposableStack();
    const database = started.use(
      await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] }),
    );
    const data = await mkdtemp(join(tmpdir(), 'taika-crash-'));
    started.defer(() => rm(data, { recursive: true, force: true }));
    const settings = { port: '0', data, databaseUrl: database.url, connections: '4', logLevel: 'error' };
    const { sql } = database;

    const first = await forkServer(settings);
    const grid = await createGrid(first.url, first.operatorKey);
    const { sha256 } = await grid.upload(Buffer.from('named by nothing\n'));
    await first[Symbol.asyncDispose]();
    await sql`update blob set stored_at = now() - interval '2 days'`;
    // The collector begins at once, and may be faster than the server's listening.
    const second = await forkServer(settings, { TAIKA_FAULT: fault }).catch(() => undefined);
    if (second !== undefined) assert.equal(await second.gone, 'SIGKILL');
    const blobs = await openDirectoryBlobs(join(data, 'blobs'), () => '');
    const size = async () => (await blobs.size(sha256)) !== undefined;
    assert.deepEqual([await rows('blob'), await rows('blob_removal'), await size()], [0, 1, isThere]);

    const third = started.use(await forkServer(settings));
    while ((await rows('blob_removal')) > 0) await pause();
    assert.equal(await size(), false);
    await grid.at(third.url).upload(Buffer.from('named by nothing\n'));
    assert.deepEqual([await rows('blob'), await size()], [1, true]);

    async function rows(table: string): Promise<number> {
      const [row] = await sql<{ rows: number }[]>`select count(*)::int as rows from ${sql(table)}`;
      return row?.rows ?? -1;
    }
  });
}
