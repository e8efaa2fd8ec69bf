import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AssignmentText, CycleReplyText, ReportText } from '@taika/protocol/dispatch/cycle';
import type { JobId } from '@taika/protocol/schema';
import { networkOf } from '../src/terminals/network.ts';
import { trustAtOnce } from './support/final-lie.ts';
import { createGrid, pause, reportOf, type TestGrid, type TestWorker } from './support/grid.ts';
import { newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertTraceIsTrue } from './support/trust.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

let dispatch: TestDispatch;
let grid: TestGrid;
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;

test('networks and versions of terminals are known from their calls, and a new version starts probation', async () => {
  const worker = await grid.terminal();
  await trustAtOnce(sql(), worker, 1_000);
  const jobId = await grid.submit('one\ntwo\n', { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');

  await commitOne(worker, '1.0.0');
  assert.deepEqual(await standing(worker), {
    standing: 'trusted',
    agentVersion: '1.0.0',
    network: networkOf('203.0.113.7'),
  });
  await commitOne(worker, '1.1.0');
  assert.deepEqual(await standing(worker), {
    standing: 'probation',
    agentVersion: '1.1.0',
    network: networkOf('203.0.113.7'),
  });
  const decisions = await sql()<
    { kind: string }[]
  >`select event ->> 'kind' as kind from trust_decision order by id`;
  assert.deepEqual(
    decisions.map(({ kind }) => kind),
    ['committed', 'updated', 'committed'],
  );
  await assertTraceIsTrue(sql());
});

for (const [title, age] of [
  [
    'a terminal that handed nothing in for a month is asked for no copies',
    (terminalId: string) => grow(terminalId, 31),
  ],
  ['nor is one with a new version', (terminalId: string) => update(terminalId)],
] as const) {
  test(title, async () => {
    const { author, partner, jobId } = await trustedPair();
    await age(partner.terminalId);
    await commitOne(author, '1.0.0');
    assert.deepEqual(await auditors(jobId), [null], 'The reference executor is.');
    await grid.cancel(jobId);
  });

  test(`${title}, and what it was asked for before is not believed`, async () => {
    const { author, partner, jobId } = await trustedPair();
    await commitOne(author, '1.0.0');
    assert.deepEqual(await auditors(jobId), [partner.terminalId]);
    const [copy] = (await call(partner, '1.0.0', [])).assignments;
    assert.ok(copy);
    await age(partner.terminalId);
    const { agentVersion } = (await presence(partner)) ?? {};
    await call(partner, agentVersion ?? '1.0.0', [await reportOf(copy)]);
    await until(async () => (await auditors(jobId)).length === 2);
    assert.deepEqual(await auditors(jobId), [partner.terminalId, null], 'Somebody else is asked.');
    assert.equal((await standing(partner))?.standing, 'probation');
    const [run] = await sql()<{ voucher: bigint | null; awaits: boolean }[]>`
      select r.voucher, r.awaits from trust_run r join job on job.number = r.job_number where job.id = ${jobId}
    `;
    assert.deepEqual(run, { voucher: null, awaits: true });
    await assertTraceIsTrue(sql());
    await grid.cancel(jobId);
  });
}

test('a copy that its partner’s call does not fit goes to the reference executor, and the partner gets other work', async () => {
  const { author, partner, jobId } = await trustedPair('a line\n'.repeat(200));
  let run: AssignmentText | undefined;
  while (run === undefined) {
    [run] = (await call(author, '1.0.0', [], { unitsMax: 2, parallel: 2 })).assignments;
  }
  assert.equal(run.input.lengths.length, 2);
  await call(author, '1.0.0', [await reportOf(run)]);
  await until(async () => (await auditors(jobId)).length === 1);
  assert.deepEqual(await auditors(jobId), [partner.terminalId]);
  // The server remembers for a moment that nothing waits for it.
  const given: number[] = [];
  while ((await auditors(jobId)).length === 1) {
    const { assignments } = await call(partner, '1.0.0', []);
    given.push(...assignments.map(({ firstUnit }) => firstUnit));
    assert.ok(assignments.every(({ input }) => input.lengths.length === 1));
    await pause();
  }
  assert.deepEqual(await auditors(jobId), [partner.terminalId, null]);
  assert.ok(given.length > 0 && !given.includes(run.firstUnit));
  await grid.cancel(jobId);
});

/** Two trusted terminals, one of which is there to check what the other computes of a job. */
async function trustedPair(
  input = 'one\n',
): Promise<{ author: TestWorker; partner: TestWorker; jobId: JobId }> {
  // Nobody of an earlier test is asked, however late its presence is noted.
  await sql()`update terminal_trust set standing = 'probation' where standing = 'trusted'`;
  const [author, partner] = [await trusted(), await trusted()];
  addresses.set(partner, '192.0.2.7');
  await call(partner, '1.0.0', []);
  await until(async () => (await presence(partner))?.agentVersion === '1.0.0');
  await sql()`
    update terminal_trust k set agent_version = '1.0.0' from terminal t
    where t.number = k.terminal_number and t.id = any(${[author.terminalId, partner.terminalId]}::uuid[])
  `;
  const jobId = await grid.submit(input, { ...byLines, trust: 'strict' });
  await grid.reach(jobId, 'running');
  return { author, partner, jobId };
}

async function trusted(): Promise<TestWorker> {
  const worker = await grid.terminal();
  await sql()`
    insert into terminal_trust
      (terminal_number, member_number, network, week, standing, is_decoy, probation_passed, passed, drawn, reentries, active_at)
    select number, member_number, 0, 0, 'trusted', false, 20, 1000, 1000, 0, now()
    from terminal
    where id = ${worker.terminalId}
  `;
  return worker;
}

async function grow(terminalId: string, days: number): Promise<void> {
  await sql()`
    update terminal_trust k set active_at = now() - make_interval(days => ${days}) from terminal t
    where t.number = k.terminal_number and t.id = ${terminalId}
  `;
}

async function update(terminalId: string): Promise<void> {
  await sql()`
    update terminal_presence p set agent_version = '1.1.0' from terminal t
    where t.number = p.terminal_number and t.id = ${terminalId}
  `;
}

/** Who was asked to compute the job's results again, in that order; null is the reference executor. */
async function auditors(jobId: JobId): Promise<(string | null)[]> {
  const rows = await sql()<{ id: string | null }[]>`
    select t.id
    from audit
    join job on job.number = audit.job_number
    left join terminal t on t.number = audit.by_terminal
    where job.id = ${jobId}
    order by audit.id
  `;
  return rows.map(({ id }) => id);
}

/** Of those that do not call from the usual one: who calls from one network never checks another there. */
const addresses = new WeakMap<TestWorker, string>();

/** As a proxy passes it on. */
async function call(
  worker: TestWorker,
  agentVersion: string,
  reports: ReportText[],
  { unitsMax = 1, parallel = 1 } = {},
): Promise<CycleReplyText> {
  const response = await fetch(`${dispatch.url}/v1/cycle`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${worker.session}`,
      'content-type': 'application/json',
      'x-forwarded-for': `198.51.100.1, ${addresses.get(worker) ?? '203.0.113.7'}`,
    },
    body: JSON.stringify({
      cycleId: newId(),
      reports,
      agentVersion,
      ...(reports.length === 0 ? { want: { unitsMax, parallel, memoryMiB: 512 } } : {}),
    }),
  });
  assert.equal(response.status, 200);
  return (await response.json()) as CycleReplyText;
}

async function commitOne(worker: TestWorker, agentVersion: string): Promise<void> {
  let reply = await call(worker, agentVersion, []);
  while (reply.assignments.length === 0) {
    await pause();
    reply = await call(worker, agentVersion, []);
  }
  const [assignment] = reply.assignments;
  assert.ok(assignment);
  // What was seen is written in a moment; a result is decided about by what is written.
  await until(async () => (await presence(worker))?.agentVersion === agentVersion);
  await call(worker, agentVersion, [await reportOf(assignment)]);
  await until(
    async () =>
      (await sql()`select from trust_run where assignment_id = ${assignment.assignmentId} and state = 'open'`)
        .length === 1,
  );
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    await pause();
  }
}

async function presence({ terminalId }: TestWorker) {
  const [row] = await sql()<{ agentVersion: string | null }[]>`
    select p.agent_version
    from terminal_presence p
    join terminal t on t.number = p.terminal_number
    where t.id = ${terminalId}
  `;
  return row;
}

async function standing({ terminalId }: TestWorker) {
  const [row] = await sql()<{ standing: string; agentVersion: string | null; network: number }[]>`
    select k.standing, k.agent_version, k.network
    from terminal_trust k
    join terminal t on t.number = k.terminal_number
    where t.id = ${terminalId}
  `;
  return row;
}
