import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isEnded,
  type JobEvent,
  type JobState,
  nextJobState,
  stateReached,
  statesBefore,
} from './job-state.ts';

const states: JobState[] = ['splitting', 'running', 'provisional', 'merging', 'done', 'failed', 'cancelled'];

const table: Record<JobEvent, Partial<Record<JobState, JobState>>> = {
  split: { splitting: 'running' },
  'split-refused': { splitting: 'failed' },
  'all-in': { running: 'merging' },
  'all-committed': { running: 'provisional' },
  'run-dropped': { provisional: 'running' },
  'all-final': { running: 'merging', provisional: 'merging' },
  'depends-on-nan': { running: 'failed', provisional: 'failed' },
  'program-failed': { running: 'failed', provisional: 'failed' },
  'unit-unfinished': { running: 'failed', provisional: 'failed' },
  'copies-disagreed': { running: 'failed' },
  merged: { merging: 'done' },
  'merge-refused': { merging: 'failed' },
  'phases-done': { running: 'done' },
  'phase-failed': { running: 'failed' },
  cancelled: {
    splitting: 'cancelled',
    running: 'cancelled',
    provisional: 'cancelled',
    merging: 'cancelled',
  },
};

test('every event in every state leads where the table says, or nowhere', () => {
  for (const event of Object.keys(table) as JobEvent[]) {
    for (const state of states) {
      assert.equal(nextJobState(state, event), table[event][state], `${event} in ${state}`);
    }
  }
});

test('an ended job is never left', () => {
  for (const event of Object.keys(table) as JobEvent[]) {
    assert.ok(!statesBefore(event).some(isEnded));
    assert.ok(states.includes(stateReached(event)));
  }
});
