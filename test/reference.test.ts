/** The reference executor as it runs at the contractor's: `taika reference run`, real programs, real agents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '@taika/testing/wait-for';
import { assertNoDefects, openEconomy } from './economy.ts';
import { collect, computeLocally, prepareSmallWeather } from './small-weather.ts';

test('in a young pool the reference executor checks every result: all final, and the bytes of one machine', async () => {
  await using economy = await openEconomy();
  await using job = await prepareSmallWeather(economy.directory, { members: 12, records: 1 });
  const local = await computeLocally(job);
  for (const name of ['Aiko', 'Ben']) await economy.run(await economy.join(name));
  const { copies: _, ...spec } = job.spec;
  const handle = await economy.grid.submit({ ...job, spec: { ...spec, trust: 'standard' } });
  await waitFor('the job is done', async () => (await handle.view()).state === 'done', {
    timeoutMs: 240_000,
  });
  assert.ok((await collect(await handle.result())).equals(local.result));
  const { sql } = economy;
  const [checked] = await sql<{ units: number; byReference: number }[]>`
    select sum(a.units)::int as units,
           sum(a.units) filter (where t.role = 'reference' and a.outcome = 'equal')::int as by_reference
    from audit a
    join terminal t on t.number = a.terminal_number
  `;
  assert.deepEqual(checked, { units: 12, byReference: 12 });
  const [standing] = await sql<{ units: number; revoked: number }[]>`
    select (select sum(units)::int from trust_run where state = 'final') as units,
           (select count(*)::int from terminal where state = 'revoked') as revoked
  `;
  assert.deepEqual(standing, { units: 12, revoked: 0 });
  await assertNoDefects(economy);
});
