import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { graceMs, type LicenseEvent, type LicenseState, leaseMsMax, stepLicense } from './license-state.ts';

const nowMs = 1_000_000;
const states: Record<string, LicenseState> = {
  restricted: { kind: 'restricted', cause: 'connecting' },
  active: { kind: 'active', endsAtMs: nowMs + 50_000, isLost: false },
  'active, lost': { kind: 'active', endsAtMs: nowMs + 50_000, isLost: true },
  'active, ended': { kind: 'active', endsAtMs: nowMs - 1000, isLost: false },
  'active, ended long ago': { kind: 'active', endsAtMs: nowMs - graceMs, isLost: true },
  draining: { kind: 'draining', endsAtMs: nowMs + 50_000, cause: 'not_computing' },
  'draining, ended': { kind: 'draining', endsAtMs: nowMs, cause: 'stopping' },
  grace: { kind: 'grace', endsAtMs: nowMs + 50_000 },
  'grace, ended': { kind: 'grace', endsAtMs: nowMs },
};
const events: Record<string, LicenseEvent> = {
  leased: { kind: 'leased', validForMs: 90_000, state: 'active' },
  'leased too long': { kind: 'leased', validForMs: 1e9, state: 'active' },
  'leased draining': { kind: 'leased', validForMs: 20_000, state: 'draining' },
  drained: { kind: 'drained', inMs: 10_000, cause: 'not_computing' },
  'drained late': { kind: 'drained', inMs: 1e9, cause: 'not_computing' },
  'drained at once': { kind: 'drained', inMs: 0, cause: 'not_computing' },
  revoked: { kind: 'revoked', cause: 'consent_withdrawn' },
  refused: { kind: 'refused', cause: 'no_seat' },
  lost: { kind: 'lost' },
  unreached: { kind: 'unreached', cause: 'no_agent' },
  time: { kind: 'time' },
};
const [active90, draining20] = ['active +90', 'draining +20 stopping'];
const table: Record<string, Record<string, string>> = {
  restricted: rows(
    ['leased', active90],
    ['leased too long', active90],
    ['leased draining', draining20],
    ['drained', 'restricted connecting'],
    ['drained late', 'restricted connecting'],
    ['drained at once', 'restricted connecting'],
    ['revoked', 'restricted consent_withdrawn'],
    ['refused', 'restricted no_seat'],
    ['lost', 'restricted connecting'],
    ['unreached', 'restricted no_agent'],
    ['time', 'restricted connecting'],
  ),
  active: rows(
    ['leased', active90],
    ['leased too long', active90],
    ['leased draining', draining20],
    ['drained', 'draining +10 not_computing'],
    ['drained late', 'draining +50 not_computing'],
    ['drained at once', 'restricted not_computing'],
    ['revoked', 'restricted consent_withdrawn'],
    ['refused', 'restricted no_seat'],
    ['lost', 'active +50 lost'],
    ['unreached', 'active +50'],
    ['time', 'active +50'],
  ),
  'active, lost': rows(
    ['leased', active90],
    ['leased too long', active90],
    ['leased draining', draining20],
    ['drained', 'draining +10 not_computing'],
    ['drained late', 'draining +50 not_computing'],
    ['drained at once', 'restricted not_computing'],
    ['revoked', 'restricted consent_withdrawn'],
    ['refused', 'restricted no_seat'],
    ['lost', 'active +50 lost'],
    ['unreached', 'active +50 lost'],
    ['time', 'active +50 lost'],
  ),
  'active, ended': rows(
    ['leased', active90],
    ['leased too long', active90],
    ['leased draining', draining20],
    ['drained', 'draining +10 not_computing'],
    ['drained late', 'draining +299 not_computing'],
    ['drained at once', 'restricted not_computing'],
    ['revoked', 'restricted consent_withdrawn'],
    ['refused', 'restricted no_seat'],
    ['lost', 'grace +299'],
    ['unreached', 'grace +299'],
    ['time', 'grace +299'],
  ),
  'active, ended long ago': rows(
    ['leased', active90],
    ['leased too long', active90],
    ['leased draining', draining20],
    ['drained', 'restricted no_agent'],
    ['drained late', 'restricted no_agent'],
    ['drained at once', 'restricted no_agent'],
    ['revoked', 'restricted consent_withdrawn'],
    ['refused', 'restricted no_seat'],
    ['lost', 'restricted no_agent'],
    ['unreached', 'restricted no_agent'],
    ['time', 'restricted no_agent'],
  ),
  draining: rows(
    ['leased', active90],
    ['leased too long', active90],
    ['leased draining', 'draining +20 not_computing'],
    ['drained', 'draining +10 not_computing'],
    ['drained late', 'draining +50 not_computing'],
    ['drained at once', 'restricted not_computing'],
    ['revoked', 'restricted consent_withdrawn'],
    ['refused', 'restricted no_seat'],
    ['lost', 'draining +50 not_computing'],
    ['unreached', 'draining +50 not_computing'],
    ['time', 'draining +50 not_computing'],
  ),
  'draining, ended': rows(
    ['leased', active90],
    ['leased too long', active90],
    ['leased draining', draining20],
    ['drained', 'restricted stopping'],
    ['drained late', 'restricted stopping'],
    ['drained at once', 'restricted stopping'],
    ['revoked', 'restricted consent_withdrawn'],
    ['refused', 'restricted no_seat'],
    ['lost', 'restricted stopping'],
    ['unreached', 'restricted no_agent'],
    ['time', 'restricted stopping'],
  ),
  grace: rows(
    ['leased', active90],
    ['leased too long', active90],
    ['leased draining', draining20],
    ['drained', 'draining +10 not_computing'],
    ['drained late', 'draining +50 not_computing'],
    ['drained at once', 'restricted not_computing'],
    ['revoked', 'restricted consent_withdrawn'],
    ['refused', 'restricted no_seat'],
    ['lost', 'grace +50'],
    ['unreached', 'grace +50'],
    ['time', 'grace +50'],
  ),
  'grace, ended': rows(
    ['leased', active90],
    ['leased too long', active90],
    ['leased draining', draining20],
    ['drained', 'restricted no_agent'],
    ['drained late', 'restricted no_agent'],
    ['drained at once', 'restricted no_agent'],
    ['revoked', 'restricted consent_withdrawn'],
    ['refused', 'restricted no_seat'],
    ['lost', 'restricted no_agent'],
    ['unreached', 'restricted no_agent'],
    ['time', 'restricted no_agent'],
  ),
};

for (const [name, state] of Object.entries(states)) {
  test(`a license that is ${name} answers every event as the table says`, () => {
    const seen = Object.entries(events).map(([event, value]) => [
      event,
      show(stepLicense(state, value, nowMs)),
    ]);
    assert.deepEqual(Object.fromEntries(seen), table[name]);
  });
}

test('no sequence of events keeps a license usable longer than lease and grace after the last lease', () => {
  const step = fc.record({ event: fc.constantFrom(...Object.values(events)), waitMs: fc.nat(200_000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let state: LicenseState = { kind: 'restricted', cause: 'connecting' };
      let now = 0;
      let leasedAt = -Infinity;
      for (const { event, waitMs } of steps) {
        now += waitMs;
        state = stepLicense(state, event, now);
        if (event.kind === 'leased') leasedAt = now;
        const usableMs = state.kind === 'active' ? leaseMsMax : leaseMsMax + graceMs;
        assert.ok(
          state.kind === 'restricted' || now - leasedAt < usableMs,
          JSON.stringify({ state, now, leasedAt }),
        );
      }
    }),
  );
});

function rows(...entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries);
}

function show(state: LicenseState): string {
  const left = state.kind === 'restricted' ? '' : ` +${(state.endsAtMs - nowMs) / 1000}`;
  const cause = 'cause' in state ? ` ${state.cause}` : '';
  return `${state.kind}${left}${cause}${state.kind === 'active' && state.isLost ? ' lost' : ''}`;
}
