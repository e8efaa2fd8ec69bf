import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonNow } from './job-view.ts';

const running = {
  workState: 'running',
  reasonCode: 'computing',
  isPaused: false,
  unitsOut: 0,
  terminalsAsking: false,
  copies: 1,
  nextUnit: 10,
  unitCount: 10,
  waitsForReference: false,
} as const;

test('a running job says what it waits for', () => {
  assert.equal(reasonNow({ ...running, unitsOut: 3 }), 'computing');
  assert.equal(reasonNow(running), 'no-terminal');
  assert.equal(reasonNow({ ...running, terminalsAsking: true }), 'computing');
  assert.equal(reasonNow({ ...running, terminalsAsking: true, copies: 2 }), 'no-other-member');
  assert.equal(reasonNow({ ...running, terminalsAsking: true, copies: 2, nextUnit: 3 }), 'computing');
});

test('a job that waits for a reference executor says so while it is under way', () => {
  const waiting = { ...running, unitsOut: 1, waitsForReference: true };
  assert.equal(reasonNow(waiting), 'no-reference');
  assert.equal(reasonNow({ ...waiting, workState: 'provisional', reasonCode: 'checking' }), 'no-reference');
  assert.equal(reasonNow({ ...waiting, workState: 'failed', reasonCode: 'split-failed' }), 'split-failed');
});

test('any other job says what happened to it', () => {
  assert.equal(reasonNow({ ...running, workState: 'failed', reasonCode: 'split-failed' }), 'split-failed');
});
