import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentEvent, type AgentState, countsAsRunning, mayCompute, stepAgent } from './agent-state.ts';

const states: Record<string, AgentState> = {
  unregistered: { kind: 'unregistered' },
  registered: { kind: 'registered' },
  consented: { kind: 'consented' },
  running: { kind: 'running' },
  paused: { kind: 'paused' },
  'paused 1': { kind: 'paused', untilMs: 1 },
  'finishing paused': { kind: 'finishing', next: 'paused' },
  'finishing stopped': { kind: 'finishing', next: 'stopped' },
  stopped: { kind: 'stopped' },
};
const events: Record<string, AgentEvent> = {
  register: { kind: 'register' },
  consent: { kind: 'consent' },
  start: { kind: 'start' },
  pause: { kind: 'pause' },
  'pause 2': { kind: 'pause', untilMs: 2 },
  resume: { kind: 'resume' },
  finish: { kind: 'finish', next: 'paused' },
  'finish, stop': { kind: 'finish', next: 'stopped' },
  drained: { kind: 'drained' },
  stop: { kind: 'stop' },
  withdraw: { kind: 'withdraw' },
  forget: { kind: 'forget' },
};
const no = 'refused';
/** Columns in the order of `events`. */
const table: Record<string, string[]> = {
  unregistered: ['registered', no, no, no, no, no, no, no, no, no, no, 'unregistered'],
  registered: ['registered', 'consented', no, no, no, no, no, no, no, no, 'registered', 'unregistered'],
  consented: ['consented', 'consented', 'running', no, no, no, no, no, no, no, 'registered', 'unregistered'],
  running: [
    'running',
    'running',
    no,
    'paused',
    'paused 2',
    'running',
    'finishing paused',
    'finishing stopped',
    no,
    'stopped',
    'registered',
    'unregistered',
  ],
  paused: [
    'paused',
    'paused',
    no,
    'paused',
    'paused 2',
    'running',
    'paused',
    'stopped',
    no,
    'stopped',
    'registered',
    'unregistered',
  ],
  'paused 1': [
    'paused 1',
    'paused 1',
    no,
    'paused',
    'paused 2',
    'running',
    'paused 1',
    'stopped',
    no,
    'stopped',
    'registered',
    'unregistered',
  ],
  'finishing paused': [
    'finishing paused',
    'finishing paused',
    no,
    'paused',
    'paused 2',
    'running',
    'finishing paused',
    'finishing stopped',
    'paused',
    'stopped',
    'registered',
    'unregistered',
  ],
  'finishing stopped': [
    'finishing stopped',
    'finishing stopped',
    no,
    'paused',
    'paused 2',
    'running',
    'finishing paused',
    'finishing stopped',
    'stopped',
    'stopped',
    'registered',
    'unregistered',
  ],
  stopped: ['stopped', 'stopped', 'running', no, no, no, no, no, no, no, 'registered', 'unregistered'],
};

for (const [name, state] of Object.entries(states)) {
  test(`an agent that is ${name} answers every event as the table says`, () => {
    assert.deepEqual(
      Object.values(events).map((event) => show(stepAgent(state, event))),
      table[name],
    );
  });
}

test('units are computed while running and finishing only, and a pause with an end costs no license', () => {
  const computing = Object.keys(states).filter((name) => mayCompute(states[name]!));
  assert.deepEqual(computing, ['running', 'finishing paused', 'finishing stopped']);
  const licensed = Object.keys(states).filter((name) => countsAsRunning(states[name]!));
  assert.deepEqual(licensed, ['running', 'paused 1', 'finishing paused', 'finishing stopped']);
});

function show(state: AgentState | undefined): string {
  if (state === undefined) return no;
  if (state.kind === 'paused')
    return ['paused', ...(state.untilMs === undefined ? [] : [state.untilMs])].join(' ');
  return state.kind === 'finishing' ? `finishing ${state.next}` : state.kind;
}
