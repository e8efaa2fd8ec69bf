/** A job that ends while this terminal computes a unit of it that would go on for ever. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { waitFor } from '@taika/testing/wait-for';
import { type AgentProcess, createAgentProcess } from './agent-process.ts';
import { largeLetters } from './programs.ts';
import { type StandIn, startStandIn } from './stand-in.ts';

const endless = { artefact: largeLetters(), runSize: 1, isRanged: true, durationMsMax: 600_000 } as const;

test('runs of a cancelled job are dropped by the first call after it, and their cores are free', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.setJob({ ...endless, inputs: ['~first', '~second'] });
  const child = await agent.run();
  await waitFor(
    'both are computed',
    async () => (await agent.status()).runs.length === 2 && hasRunner(child),
  );
  await endsAtNextCall(stand, agent, child);
});

test('a job of which another run failed is named still, and dropped when it is cancelled', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.behave.shortFrom = 0;
  stand.setJob({ ...endless, inputs: ['0first', '~second'] });
  const child = await agent.run();
  await waitFor('the first goes back', () => stand.verdicts.includes('accepted input-damaged'));
  await waitFor(
    'the second is computed',
    async () => (await agent.status()).runs.length > 0 && hasRunner(child),
  );
  await endsAtNextCall(stand, agent, child);
});

async function endsAtNextCall(stand: StandIn, agent: AgentProcess, child: ChildProcess): Promise<void> {
  const callsBefore = stand.requests.length;
  stand.endJob();
  await waitFor('the runner is gone', () => !hasRunner(child));
  assert.deepEqual((await agent.status()).runs, []);
  const [first, ...later] = stand.requests.slice(callsBefore).map(({ knownJobs }) => knownJobs?.length);
  assert.equal(first, 1);
  assert.ok(later.every((named) => named === 0));
  assert.equal(stand.results.size, 0);
}

/** Whether a process below this one computes units. */
function hasRunner({ pid }: { readonly pid?: number | undefined }): boolean {
  const below = (each: string): string[] => {
    try {
      const children = readFileSync(`/proc/${each}/task/${each}/children`, 'latin1')
        .split(' ')
        .filter(Boolean);
      return children.flatMap((child) => [readFileSync(`/proc/${child}/cmdline`, 'latin1'), ...below(child)]);
    } catch {
      // It ended while we looked.
      return [];
    }
  };
  return below(String(pid)).some((line) => line.split('\0').includes('taika-runner'));
}
