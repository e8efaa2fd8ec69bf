/** The grid's result is that of one machine, bit for bit, however many terminals computed it and whatever became of them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '@taika/testing/wait-for';
import { agentStatus, type Member } from 'taika/up/member';
import type { Service } from 'taika/up/service';
import { type Economy, openEconomy } from './economy.ts';
import { assertPointsKnown, assertSettled } from './invariants.ts';
import { computeLocally, prepareSmallWeather } from './small-weather.ts';

let economy: Economy;
const members: Member[] = [];
const agents: Service[] = [];

before(async () => {
  economy = await openEconomy();
});
after(() => economy?.[Symbol.asyncDispose]());

test('a terminal that is killed half-way and never comes back changes nothing but the time', async () => {
  await using job = await prepareSmallWeather(economy.directory, { members: 160, records: 1 });
  const local = await computeLocally(job);
  // Alone, so that the work is surely at this terminal when it dies; the other comes for what is left.
  await addTerminals(1);
  const handle = await economy.grid.submit(job);
  await waitFor('some units are done', async () => (await handle.view()).units.done > 4, {
    timeoutMs: 180_000,
  });
  const { pid } = agents[0] as Service;
  process.kill(pid ?? 0, 'SIGKILL');
  await agents[0]?.stop();
  const { units } = await handle.view();
  assert.ok(units.done < 160, 'It was killed too late.');
  await addTerminals(2);
  // Its deadline is moved instead of waited for.
  await economy.sql`
    update assignment
    set deadline = now()
    where issued_at < now()
  `;
  const view = await assertSettled(economy, handle, local);
  assert.equal(view.terminals, 2);
  await agents[0]?.start();
  await assertPointsKnown(economy, members);
});

for (const count of [1, 2, 8]) {
  test(`a job gives the same bytes and fuel on ${count} terminals as on one machine`, async () => {
    await using job = await prepareSmallWeather(economy.directory, { members: 48, records: 1 });
    const local = await computeLocally(job);
    await addTerminals(count);
    for (const [index, agent] of agents.entries()) if (index >= count) await agent.stop();
    await assertSettled(economy, await economy.grid.submit(job), local);
    for (const [index, agent] of agents.entries()) if (index >= count) await agent.start();
    await assertPointsKnown(economy, members);
  });
}

test('units of several records, and more terminals than units, give the same', async () => {
  await using job = await prepareSmallWeather(economy.directory, { members: 13, records: 5 });
  const local = await computeLocally(job);
  const view = await assertSettled(economy, await economy.grid.submit(job), local);
  assert.equal(view.units.done, 3);
  for (const member of members) assert.equal((await agentStatus(member)).state, 'running');
});

async function addTerminals(count: number): Promise<void> {
  while (members.length < count) {
    const member = await economy.join(`member${members.length + 1}`);
    members.push(member);
    agents.push(await economy.run(member));
  }
}
