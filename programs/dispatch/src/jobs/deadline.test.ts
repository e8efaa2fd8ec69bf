import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadlineOutlook, deadlineSentence } from './deadline.ts';

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 0, minutes));
const facts = {
  deadlineAt: at(60),
  now: at(30),
  state: 'running',
  startedAt: at(0),
  endedAt: null,
  unitsDone: 50,
  unitCount: 100,
  hasPhases: false,
} as const;

test('the pace so far says whether a deadline will be kept', () => {
  const table: [object, string][] = [
    [{}, 'in-time'],
    [{ unitsDone: 49 }, 'late'],
    [{ unitsDone: 0 }, 'unknown'],
    [{ unitCount: null, state: 'splitting' }, 'unknown'],
    [{ startedAt: null }, 'unknown'],
    [{ hasPhases: true, unitsDone: 1 }, 'unknown'],
    [{ now: at(61) }, 'missed'],
    [{ now: at(61), hasPhases: true }, 'missed'],
    [{ state: 'paused', unitsDone: 49 }, 'late'],
    [{ state: 'done', endedAt: at(60), now: at(90) }, 'met'],
    [{ state: 'done', endedAt: at(61), now: at(90) }, 'missed'],
  ];
  for (const [change, outlook] of table) {
    assert.equal(deadlineOutlook({ ...facts, ...change }), outlook, JSON.stringify(change));
  }
  assert.equal(
    deadlineSentence('late', at(60)),
    'At its present pace the job will miss its deadline, 2026-01-01 01:00 UTC. It goes on.',
  );
});
