/** SPEC B1–B7: the grid's result is bit-identical to one machine's, whatever the number of terminals and whoever dies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '@taika/testing/wait-for';
import { type Economy, openEconomy } from './economy.ts';
import { collect, computeLocally, prepareSmallWeather } from './small-weather.ts';

test('a job gives the same bytes and fuel on 1, 2 and 8 terminals as on one machine', async (t) => {
  await using economy = await openEconomy();
  await using job = await prepareSmallWeather(economy.directory, { members: 48, records: 1 });
  const local = await computeLocally(job);
  const terminals = [];
  for (const count of [1, 2, 8]) {
    while (terminals.length < count)
      terminals.push(await economy.run(await economy.join(`m${terminals.length + 1}`)));
    await t.test(`${count} terminals`, async () => {
      const handle = await economy.grid.submit(job);
      const view = await handle.finished(AbortSignal.timeout(120_000));
      assert.deepEqual(await collect(handle.result()), local.result);
      assert.equal(BigInt(view.fuel), local.fuel);
      await assertNoDefects(economy);
    });
  }
});

test('a terminal killed half-way changes nothing but the time', async () => {
  await using economy = await openEconomy();
  await using job = await prepareSmallWeather(economy.directory, { members: 96, records: 1 });
  const local = await computeLocally(job);
  const terminals = [
    await economy.run(await economy.join('first')),
    await economy.run(await economy.join('second')),
  ];
  const handle = await economy.grid.submit(job);
  await waitFor('some units are done', async () => (await handle.view()).units.done > 4);
  process.kill(terminals[0]?.pid ?? 0, 'SIGKILL');
  const view = await handle.finished(AbortSignal.timeout(180_000));
  assert.deepEqual(await collect(handle.result()), local.result);
  assert.equal(BigInt(view.fuel), local.fuel);
  await assertNoDefects(economy);
});

async function assertNoDefects({ sql }: Economy): Promise<void> {
  assert.deepEqual([...(await sql`select * from dispatch_defects()`)], []);
  assert.deepEqual([...(await sql`select * from ledger.defect`)], []);
}
