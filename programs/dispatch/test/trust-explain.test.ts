/** `taika unit explain`: the whole life of a unit, of honest jobs, liars and recalls. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { explainTerminal, explainUnit, type UnitStepText } from '@taika/protocol/dispatch/trust';
import type { JobId, TerminalId } from '@taika/protocol/schema';
import { finalLie, trustAtOnce } from './support/final-lie.ts';
import { createGrid, pause, reportOf, type TestGrid, type TestWorker } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { bearer } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
const lie = () => 'lie\n';

let dispatch: TestDispatch;
let grid: TestGrid;
let reference: TestWorker;
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  reference = await addOwnWorker(dispatch, 'reference');
});
after(() => dispatch[Symbol.asyncDispose]());
/** Terminals of a test that is over would be chosen as partners and only be waited for. */
afterEach(() => sql()`update terminal_trust set standing = 'probation' where standing = 'trusted'`);

const sql = () => dispatch.server.context.sql;
const operator = () => bearer(dispatch.url, dispatch.operatorKey);
const explain = (jobId: JobId, unit: number) =>
  operator().call(explainUnit, { params: { jobId, unit: String(unit) } });
const isDone = (jobId: JobId) => async () => (await grid.read(jobId)).state === 'done';
const textOf = (life: readonly UnitStepText[]) =>
  life.flatMap(({ happened, done }) => [happened, ...done]).join('\n');
const isRevoked = (worker: TestWorker) => async () =>
  (await sql()`select from terminal where id = ${worker.terminalId} and state = 'revoked'`).length > 0;

/** Hands in honest results until one is not drawn to be checked; one in twenty is. Gives its unit. */
async function handInUndrawn(worker: TestWorker): Promise<number> {
  for (;;) {
    const [assignment] = await worker.take({ unitsMax: 1 });
    assert.ok(assignment);
    await worker.cycle({ reports: [await reportOf(assignment)], unitsMax: 0 });
    for (;;) {
      const [run] = await sql()<{ awaits: boolean }[]>`
        select awaits from trust_run where assignment_id = ${assignment.assignmentId} and state <> 'committed'
      `;
      if (run?.awaits === false) return assignment.firstUnit;
      if (run !== undefined) break;
      await pause();
    }
  }
}

/** Every terminal that is named can be asked about. */
async function assertNamesAreKnown(text: string): Promise<void> {
  const names = new Set([...text.matchAll(/terminal (\S+?)(?=[\s.:,;)]|$)/gi)].map(([, name]) => name));
  for (const name of names) {
    if (name === undefined || !/\d/.test(name)) continue;
    assert.match(name, /^[0-9a-f-]{36}$/, text);
    await operator().call(explainTerminal, { params: { terminalId: name as TerminalId } });
  }
}

test('each unit of an honest job names what made it final, also where that was decided about another unit', async () => {
  const worker = await grid.terminal();
  const jobId = await grid.submit(lines(30), { ...byLines, trust: 'standard' });
  await Promise.all([worker, reference].map((one) => one.workUntil(isDone(jobId))));
  const elsewhere: number[] = [];
  for (let unit = 0; unit < 30; unit++) {
    const { life, sentence } = await explain(jobId, unit);
    const text = textOf(life);
    assert.match(text, new RegExp(`^Terminal ${worker.terminalId} committed a result\\.`, 'm'));
    assert.match(
      text,
      /To be computed again by the reference executor \(its terminal is on probation\)|Not drawn to be computed again: \d+(\.\d)? % of such results are/,
    );
    assert.match(
      text,
      /is final by that: the job’s flush is settled for its terminal|reference executor’s answer stands/,
    );
    assert.equal(sentence, `The result of terminal ${worker.terminalId} is final.`);
    assert.deepEqual(
      [...life].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
      life,
    );
    await assertNamesAreKnown(`${text}\n${sentence}`);
    if (life.some(({ kind }) => kind === 'elsewhere')) elsewhere.push(unit);
  }
  assert.ok(elsewhere.includes(0), 'The flush was decided about the last unit.');
});

test('a result that fell with its terminal says why, by which decision, and what came in its place', async () => {
  const jobId = await grid.submit(lines(12), { ...byLines, trust: 'economy' });
  await grid.reach(jobId, 'running');
  const liar = await grid.terminal();
  await trustAtOnce(sql(), liar, 1_000);
  const [first] = await liar.take({ unitsMax: 1 });
  assert.ok(first);
  // Given back for a cause of the unit, which is kept.
  await liar.cycle({
    reports: [{ ...(await reportOf(first, undefined, 0)), restCause: 'time-limit' }],
    unitsMax: 0,
  });
  const unit = await handInUndrawn(liar);
  const strictJob = await grid.submit(lines(3), { ...byLines, trust: 'strict' });
  await grid.reach(strictJob, 'running');
  let lied = false;
  while (!lied) {
    for (const assignment of await liar.take({ unitsMax: 1 })) {
      lied ||= assignment.jobId === strictJob;
      await liar.cycle({
        reports: [await reportOf(assignment, assignment.jobId === strictJob ? lie : undefined)],
        unitsMax: 0,
      });
    }
  }
  await reference.workUntil(isRevoked(liar));
  await reference.forgetHeld();
  const between = await explain(jobId, unit);
  assert.match(between.sentence, /^No result stands for this unit now: it waits to be handed out\.$/);
  const helper = await grid.terminal();
  const isOver = async () => (await isDone(jobId)()) && (await isDone(strictJob)());
  await Promise.all([helper, reference].map((one) => one.workUntil(isOver)));

  const { life, sentence } = await explain(jobId, unit);
  const text = textOf(life);
  assert.match(text, new RegExp(`^Terminal ${liar.terminalId} committed a result\\.`, 'm'));
  const fallen = life.find(({ kind, done }) => kind === 'elsewhere' && /lost its right/.test(done[0] ?? ''));
  assert.ok(fallen, text);
  assert.match(fallen.happened, new RegExp(`^Job ${strictJob}, unit`));
  assert.match(
    fallen.done[0] ?? '',
    new RegExp(
      `^Terminal ${liar.terminalId} lost its right for a wrong result, and its result of this unit was dropped .* put out again; what came in its place was the same\\.$`,
    ),
  );
  assert.equal(fallen.decision?.jobId, strictJob);
  assert.ok((fallen.decision?.differing ?? []).length > 0, 'The mismatch names its units.');
  const after = life.slice(life.indexOf(fallen) + 1);
  assert.match(textOf(after), /committed a result|The reference executor computed the units itself/);
  assert.match(sentence, /^The result of (terminal \S+|the reference executor) is final\.$/);
  await assertNamesAreKnown(`${text}\n${sentence}`);

  const returned = await explain(jobId, first.firstUnit);
  const [back] = returned.life;
  assert.equal(back?.kind, 'returned');
  assert.equal(back?.happened, `Terminal ${liar.terminalId} gave the unit back uncomputed: time-limit.`);
});

test('a recall tells the revocation, the second computation, the correction and its units', async () => {
  const { jobId, liar } = await finalLie(
    { grid, sql: sql() },
    {
      input: lines(20),
      lie: (input) => (input === 'line 0\n' ? 'lie\n' : input.toUpperCase()),
      newMember: async () => ({}),
      units: 2,
    },
  );
  const helper = await grid.terminal();
  await Promise.all([helper, reference].map((one) => one.workUntil(isDone(jobId))));
  const strictJob = await grid.submit(lines(3), { ...byLines, trust: 'strict' });
  await grid.reach(strictJob, 'running');
  await liar.workUntil(async () => (await grid.read(strictJob)).units.done > 0, lie);
  await Promise.all([reference, helper].map((one) => one.workUntil(isRevoked(liar))));
  await Promise.all([reference, helper].map((one) => one.forgetHeld()));
  const isCorrected = async () => (await grid.read(jobId)).corrections?.[0]?.result !== undefined;
  await Promise.all([reference, helper].map((one) => one.workUntil(isCorrected)));
  while (!(await isCorrected())) await pause();

  const { life, sentence } = await explain(jobId, 0);
  const text = textOf(life);
  const inOrder = [
    new RegExp(`Terminal ${liar.terminalId} committed a result`),
    /lost its right for a wrong result, and its result of this unit is computed again/,
    /was picked to be computed again \(its terminal was revoked after it was final\)/,
    /other (bytes|fuel) in unit 0/,
    /reference executor’s answer stands/,
    /The job was over: this is its correction 1; its merge is published/,
  ];
  let from = 0;
  for (const pattern of inOrder) {
    const found = text.slice(from).search(pattern);
    assert.ok(found >= 0, `${pattern} in order in\n${text}`);
    from += found;
  }
  assert.equal(sentence, 'The result of the reference executor is final.');
  await assertNamesAreKnown(`${text}\n${sentence}`);
  const other = await explain(jobId, 1);
  assert.match(
    textOf(other.life),
    /other (bytes|fuel) in unit 0/,
    'Of unit 1 too it is said that unit 0 was wrong.',
  );
});
