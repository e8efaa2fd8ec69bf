import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Effect } from '@taika/trust/effect';
import { exampleState } from '@taika/trust/example-state';
import type { RecordedDecisionRow } from './decision-queries.ts';
import type { DroppedResult, UnitRun } from './explain-queries.ts';
import { type UnitRecord, unitLife } from './unit-life.ts';

const nameOf = (number: number) => `T${number}`;
const second = (at: number) => new Date(at * 1_000);

function decisionOf(id: number, more: Partial<RecordedDecisionRow> = {}): RecordedDecisionRow {
  return {
    id: BigInt(id),
    at: second(id),
    jobNumber: 1n,
    jobId: 'J1',
    firstUnit: 0,
    units: 2,
    assignmentId: 1n,
    commitHash: Buffer.alloc(32),
    occasion: 'committed',
    terminalNumber: 4n,
    terminalId: 'T4',
    partnerNumber: null,
    partnerId: null,
    poolVersion: 1n,
    state: exampleState({ passed: 1_000 }),
    event: { kind: 'committed', isCritical: false },
    effects: [{ kind: 'quarantine', terminal: 4, finalAfter: 300 }],
    differing: null,
    ...more,
  };
}

const run: UnitRun = {
  firstUnit: 0,
  units: 2,
  state: 'final',
  awaits: false,
  finalAfter: 300,
  finalAt: second(9),
  terminalNumber: 4n,
  terminalId: 'T4',
  isReference: false,
  passed: 300,
  auditState: null,
  auditorId: null,
  auditReturns: null,
  returnCause: null,
};

const record: UnitRecord = {
  jobNumber: 1n,
  decisions: [decisionOf(1)],
  revocations: [],
  finals: [],
  dropped: [],
  returns: [],
  corrections: [],
  run: undefined,
};

const compared = { kind: 'compared', reason: 'random', comparison: 'equal' } as const;

test('the audit that ended its quarantine is told, though it was of another job', () => {
  const finalize = (passed: number): Effect => ({ kind: 'finalize', terminal: 4, passed, isVested: true });
  const elsewhere = { at: second(9), jobId: 'J2', jobNumber: 2n, firstUnit: 7, units: 1, event: compared };
  const finals = [
    decisionOf(7, { ...elsewhere, effects: [finalize(299)] }),
    decisionOf(8, { ...elsewhere, effects: [finalize(300)] }),
    decisionOf(9, { ...elsewhere, effects: [finalize(301)] }),
  ];
  const life = unitLife({ ...record, run, finals }, nameOf);
  assert.deepEqual(
    life.map(({ kind, decision }) => [kind, decision?.id]),
    [
      ['decision', 1n],
      ['elsewhere', 8n],
    ],
  );
  assert.match(life[1]?.happened ?? '', /^Job J2, unit 7: A copy by the reference executor came in/);
  assert.deepEqual(life[1]?.done, [
    'This unit’s result is final by that: its terminal has passed 300 audits.',
  ]);
});

test('a voucher’s audits are not taken for its author’s', () => {
  const voucher = decisionOf(5, {
    terminalNumber: 6n,
    terminalId: 'T6',
    event: { kind: 'lie-proven' },
    effects: [],
  });
  const effects: Effect[] = [{ kind: 'finalize', terminal: 6, passed: 900, isVested: true }];
  const finals = [decisionOf(9, { at: second(9), terminalNumber: 6n, effects })];
  const life = unitLife({ ...record, decisions: [decisionOf(1), voucher], run, finals }, nameOf);
  assert.equal(life.length, 2);
});

test('a commit that was not drawn says how likely it was, and a critical one that it must be certain', () => {
  const [step] = unitLife(record, nameOf);
  assert.deepEqual(step?.done, [
    'Provisional until terminal T4 has passed 300 audits, or the job’s flush.',
    'Not drawn to be computed again: 10 % of such results are.',
  ]);
  const critical = decisionOf(1, { event: { kind: 'committed', isCritical: true } });
  assert.match(
    unitLife({ ...record, decisions: [critical] }, nameOf)[0]?.happened ?? '',
    /that must be certain/,
  );
});

test('a revocation tells what it did to this unit’s result, and nothing to one of another life', () => {
  const revoke: Effect = { kind: 'revoke', terminal: 4, member: 4, cause: 'wrong-audit' };
  const by = decisionOf(5, {
    jobId: 'J3',
    jobNumber: 3n,
    firstUnit: 9,
    units: 1,
    event: compared,
    effects: [revoke],
  });
  const drop: DroppedResult = {
    firstUnit: 0,
    units: 2,
    terminalNumber: 4n,
    terminalId: 'T4',
    droppedAt: second(5),
    comparedUnits: 2,
    isWrong: true,
  };
  const told = (more: Partial<UnitRecord>) =>
    unitLife({ ...record, revocations: [by], ...more }, nameOf).flatMap(({ kind, done }) =>
      kind === 'elsewhere' ? done : [],
    );
  assert.deepEqual(told({ dropped: [drop] }), [
    'Terminal T4 lost its right for a wrong copy of somebody else’s result, and its result of this unit was dropped with all that it had open: the units were put out again; what came in its place was different.',
  ]);
  assert.match(
    told({ run: { ...run, finalAt: second(3) } })[0] ?? '',
    /is final all the same: the reference executor/,
  );
  assert.match(told({ run: { ...run, state: 'open', finalAt: null } })[0] ?? '', /when the copy is in/);
  assert.deepEqual(told({ dropped: [{ ...drop, droppedAt: second(2) }] }), []);
  assert.deepEqual(told({ decisions: [] }), []);
});

test('a result whose decisions are gone is told as dropped all the same', () => {
  const drop = {
    firstUnit: 0,
    units: 2,
    terminalNumber: 4n,
    terminalId: 'T4',
    comparedUnits: 0,
    isWrong: false,
  };
  const life = unitLife({ ...record, decisions: [], dropped: [{ ...drop, droppedAt: second(2) }] }, nameOf);
  assert.deepEqual(
    life.map(({ kind, happened }) => [kind, happened]),
    [['dropped', 'The result of terminal T4 was dropped, and its units were put out again.']],
  );
});
