import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterEvent,
  type RegistrationEvent,
  type RegistrationState,
  registrationEvents,
  registrationStates,
} from './registration.ts';

const refused = undefined;
const table: Record<RegistrationState, Record<RegistrationEvent, RegistrationState | undefined>> = {
  requested: { confirmed: 'registered', 'key-sent': refused, stored: refused, forgotten: 'ended' },
  registered: { confirmed: 'registered', 'key-sent': 'issued', stored: refused, forgotten: 'ended' },
  issued: { confirmed: 'issued', 'key-sent': 'issued', stored: 'acknowledged', forgotten: 'ended' },
  acknowledged: {
    confirmed: 'acknowledged',
    'key-sent': refused,
    stored: 'acknowledged',
    forgotten: 'ended',
  },
  ended: { confirmed: 'ended', 'key-sent': refused, stored: refused, forgotten: 'ended' },
};

test('a registration goes from every state by every event where the table says', () => {
  for (const state of registrationStates) {
    for (const event of registrationEvents) {
      assert.equal(afterEvent(state, event), table[state][event], `${state} + ${event}`);
    }
  }
});

test('no sequence of events sends a key before the confirmation, or after the agent stored one', () => {
  const visit = (state: RegistrationState, confirmed: boolean, stored: boolean, depth: number): void => {
    for (const event of depth === 0 ? [] : registrationEvents) {
      const next = afterEvent(state, event);
      if (next === undefined) {
        continue;
      }
      if (event === 'key-sent') {
        assert.ok(confirmed && !stored, `a key was sent in ${state}`);
      }
      visit(next, confirmed || event === 'confirmed', stored || event === 'stored', depth - 1);
    }
  };
  visit('requested', false, false, 6);
});
