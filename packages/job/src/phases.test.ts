import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import {
  afterNext,
  firstPhase,
  hasPhases,
  type Phase,
  phaseAfterStage,
  phaseSpec,
  programsOf,
} from './phases.ts';

const digest = (letter: string) => letter.repeat(64) as never;
const stage = (letter: string) => ({
  program: digest(letter),
  split: { by: 'lines', records: 1 } as const,
  merge: { by: 'lines' } as const,
});
const simple: JobSpecText = {
  name: 'job',
  privacy: 'public',
  ...stage('a'),
  args: ['first'],
  input: { sha256: digest('1'), bytes: 10 },
};
const job: JobSpecText = {
  ...simple,
  laterStages: [{ ...stage('b'), args: ['second'] }],
  rounds: { next: digest('c'), max: 2 },
};
const next = (round: number): Phase => ({ kind: 'next', round, stage: 1 });
const asked = { kind: 'next', lineBytes: 5, stateBytes: 0 } as const;
const ended = { kind: 'done', lineBytes: 5, stateBytes: 0 } as const;

test('a job without stages and rounds is one phase, and that phase is the job', () => {
  assert.equal(hasPhases(simple), false);
  assert.equal(phaseAfterStage(simple, firstPhase, 9), undefined);
  assert.deepEqual(phaseSpec(simple, firstPhase, { input: simple.input }), simple);
});

test('a round is its stages one after the other, then the next program', () => {
  const second = phaseAfterStage(job, firstPhase, 9);
  assert.deepEqual(second, { kind: 'stage', round: 0, stage: 1 });
  assert.deepEqual(phaseAfterStage(job, second as Phase, 9), next(0));
  assert.deepEqual(programsOf(job), ['a', 'b', 'c'].map(digest));
});

test('the next program asks for a round as long as the job allows one', () => {
  assert.deepEqual(afterNext(job, next(0), asked, 3), {
    kind: 'round',
    phase: { kind: 'stage', round: 1, stage: 0 },
  });
  assert.deepEqual(afterNext(job, next(1), asked, 3), { kind: 'merged', isCut: true });
});

test('done gives what was printed, or else what the round gave', () => {
  assert.deepEqual(afterNext(job, next(0), ended, 3), { kind: 'printed' });
  assert.deepEqual(afterNext(job, next(0), ended, 0), { kind: 'merged', isCut: false });
});

test('a phase is a job of its own, with nothing of the others', () => {
  const input = { sha256: digest('2'), bytes: 5 };
  const state = { sha256: digest('3'), bytes: 0 };
  const second = phaseSpec(job, { kind: 'stage', round: 0, stage: 1 }, { input });
  assert.deepEqual(second, { name: 'job', privacy: 'public', ...stage('b'), args: ['second'], input });
  const last = phaseSpec(job, next(0), { input, state });
  assert.deepEqual(last, {
    name: 'job',
    privacy: 'public',
    program: digest('c'),
    split: { by: 'whole' },
    merge: { by: 'concat' },
    files: [{ name: 'state', ...state }],
    input,
  });
});
