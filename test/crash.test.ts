/** Any process may be killed at any time: nothing is lost, nothing is counted twice, and the job ends. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitFor } from '@taika/testing/wait-for';
import { type Economy, openEconomy } from './economy.ts';
import { collect, computeLocally, prepareSmallWeather } from './small-weather.ts';

const victims: Readonly<Record<string, (economy: Economy) => Promise<number | undefined>>> = {
  'the dispatch server': async ({ companies }) => companies.processes().dispatch,
  'the vendor server': async ({ companies }) => companies.processes().vendor,
  PostgreSQL: async ({ layout }) =>
    Number((await readFile(join(layout.postgres, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]),
};

test('a job survives the death of every process', async (t) => {
  await using economy = await openEconomy();
  await using job = await prepareSmallWeather(economy.directory, { members: 64, records: 1 });
  const local = await computeLocally(job);
  for (const name of ['first', 'second']) await economy.run(await economy.join(name));
  for (const [victim, pidOf] of Object.entries(victims)) {
    await t.test(`${victim} is killed twice during a job`, async () => {
      const handle = await economy.grid.submit(job);
      for (const share of [0.1, 0.5]) {
        await waitFor(
          `${share} of the units are done`,
          async () => {
            const { units, state } = await handle.view();
            return units.done >= share * (units.total ?? Number.POSITIVE_INFINITY) || state === 'done';
          },
          { timeoutMs: 120_000 },
        );
        const pid = await pidOf(economy);
        assert.ok(pid);
        process.kill(pid, 'SIGKILL');
      }
      const view = await handle.finished(AbortSignal.timeout(180_000));
      assert.deepEqual(await collect(handle.result()), local.result);
      assert.equal(BigInt(view.fuel), local.fuel);
      await waitFor('the invoice', async () => (await handle.view()).invoiceId !== undefined);
      await waitFor('no defects', async () => {
        const defects = [
          ...(await economy.sql`select * from dispatch_defects()`),
          ...(await economy.sql`select * from ledger.defect`),
        ];
        assert.deepEqual(defects, []);
        return true;
      });
    });
  }
});
