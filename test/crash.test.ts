/** Any process may be killed at any time: nothing is lost, nothing is counted twice, and the job ends. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JobHandle } from '@taika/client/sdk/job-handle';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import { waitFor } from '@taika/testing/wait-for';
import type { Member } from 'taika/up/member';
import type { Service } from 'taika/up/service';
import { type Economy, openEconomy, postmasterPid } from './economy.ts';
import { assertPointsKnown, assertSettled } from './invariants.ts';
import { computeLocally, prepareSmallWeather } from './small-weather.ts';

const units = 48;
let economy: Economy;
let local: Awaited<ReturnType<typeof computeLocally>>;
const members: Member[] = [];
const agents: Service[] = [];

before(async () => {
  economy = await openEconomy();
  local = await withJob((job) => computeLocally(job));
  for (const name of ['first', 'second']) await addMember(name);
});
after(() => economy?.[Symbol.asyncDispose]());

/** Exact moments, at which something was just written and nobody was told, or the other way round. */
for (const moment of ['split-written', 'counted:2', 'merge-written']) {
  test(`the dispatch server is killed at "${moment}"`, async () => {
    const { dispatch } = economy.companies.servers;
    await dispatch.stop();
    // A server reads this as it starts; the one that follows the kill has no such wish.
    process.env.TAIKA_FAULT = moment;
    await dispatch.start().finally(() => delete process.env.TAIKA_FAULT);
    const { pid } = dispatch;
    const handle = await submit();
    await assertSettled(economy, handle, local);
    assert.notEqual(dispatch.pid, pid, 'It was not killed.');
  });
}

const victims: Readonly<Record<string, () => Promise<number | undefined>>> = {
  'the vendor server': async () => economy.companies.servers.vendor.pid,
  PostgreSQL: () => postmasterPid(economy),
  'an agent': async () => agents[0]?.pid,
};
const moments: Readonly<Record<string, (view: JobViewText) => boolean>> = {
  'as soon as the job is in': () => true,
  'half-way': ({ units: { done } }) => done >= units / 2,
  'when all results are in': ({ units: { done } }) => done === units,
};

for (const [victim, findPid] of Object.entries(victims)) {
  test(`${victim} is killed at the start, half-way and at the end of a job`, async () => {
    const handle = await submit();
    for (const [moment, isNow] of Object.entries(moments)) {
      await waitFor(moment, async () => isNow(await handle.view()), { timeoutMs: 300_000 });
      const pid = await findPid();
      assert.ok(pid);
      process.kill(pid, 'SIGKILL');
      await waitFor('another one lives', async () => {
        const next = await findPid().catch(() => undefined);
        return next !== undefined && next !== pid;
      });
    }
    await assertSettled(economy, handle, local);
  });
}

test('after all of that, every member has exactly the points of its accepted work', () =>
  assertPointsKnown(economy, members));

test('two copies of each unit go to different members, also when an agent of three is killed', async () => {
  await addMember('third');
  const handle = await submit({ copies: 2 });
  await waitFor('some units are decided', async () => (await handle.view()).units.done > 4, {
    timeoutMs: 300_000,
  });
  process.kill(agents[2]?.pid ?? 0, 'SIGKILL');
  // Runs that it got before anything was known of the job have ten minutes: moved instead of waited for.
  await economy.sql`
    update assignment
    set deadline = now()
    where terminal_number = (select max(number) from terminal)
  `;
  await assertSettled(economy, handle, local, { copies: 2 });
  const [twice] = await economy.sql<{ count: number }[]>`
    select count(*)::int as count
    from result a
    join result b
      on b.job_number = a.job_number
      and b.member_number = a.member_number
      and b.assignment_id > a.assignment_id
      and b.first_unit < a.first_unit + a.units
      and b.first_unit + b.units > a.first_unit
  `;
  assert.equal(twice?.count, 0, 'A member computed a unit twice.');
  await assertPointsKnown(economy, members);
});

async function addMember(name: string): Promise<void> {
  const member = await economy.join(name);
  members.push(member);
  agents.push(await economy.run(member));
}

function submit(options: { readonly copies?: number } = {}): Promise<JobHandle> {
  return withJob((job) => economy.grid.submit(job), options);
}

async function withJob<T>(
  use: (job: Awaited<ReturnType<typeof prepareSmallWeather>>) => Promise<T>,
  { copies }: { readonly copies?: number } = {},
): Promise<T> {
  await using job = await prepareSmallWeather(economy.directory, { members: units, records: 1, copies });
  return await use(job);
}
