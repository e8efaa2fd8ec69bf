/**
 * How much a member's own work slows down while the agent computes beside it (SPEC A9; AGENT.md K4: at most 2 %). The
 * member's work keeps every core busy in turns of equal length, with the agent computing and with it paused; the ratio
 * is taken pair by pair, so a machine that drifts does not show as the agent. One JSON line. `--pairs N` (default 10).
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { prepareJob } from '@taika/client/job/prepare-job';
import { waitFor } from '@taika/testing/wait-for';
import { agentStatus } from 'taika/up/member';
import { agent, openEconomy } from '../../test/economy.ts';
import { startForeground } from './foreground-work.ts';

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '10' } } });
const turnMs = 2_000;
const startMs = 4_000;

await using economy = await openEconomy();
const member = await economy.join('Aiko');
await economy.run(member);
await using job = await prepareJob('examples/weather/job.yaml');
// As many as the turns may use up; a job of its own each, because the same job twice is one job.
for (let jobs = 0; jobs < 4; jobs += 1) await economy.grid.submit(job);
await waitFor('the agent computes', async () => (await agentStatus(member)).state === 'running');

await using foreground = await startForeground();
await foreground.count(turnMs);
const ratios: number[] = [];
let computed = 0;
for (let pair = 0; pair < Number(values.pairs); pair += 1) {
  await agent(member, ['pause']);
  const alone = await foreground.count(turnMs);
  await agent(member, ['resume']);
  // A runner starts at ease for its first second; what is measured is the hour after it.
  await foreground.count(startMs);
  const before = await fuelDone();
  const beside = await foreground.count(turnMs);
  if ((await fuelDone()) > before) computed += 1;
  ratios.push(alone / beside - 1);
}
ratios.sort((left, right) => left - right);
console.log(
  JSON.stringify({
    bench: 'agent-foreground',
    slowdownMedian: round(ratios[Math.floor(ratios.length / 2)] ?? Number.NaN),
    slowdownMin: round(ratios[0] ?? Number.NaN),
    slowdownMax: round(ratios.at(-1) ?? Number.NaN),
    pairs: ratios.length,
    /** Turns in which the agent finished units: without any, nothing was compared. */
    pairsInWhichTheAgentComputed: computed,
    cores: foreground.cores,
    loadAverage: loadavg()[0],
  }),
);

async function fuelDone(): Promise<bigint> {
  const [row] = await economy.sql<{ fuel: string }[]>`select coalesce(sum(fuel), 0) as fuel from job_cursor`;
  return BigInt(row?.fuel ?? 0);
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
