import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeskAnswer } from '../link/license-desk.ts';
import type { AgentState } from './agent-state.ts';
import { consentTextVersion } from './consent-text.ts';
import { type DeskFacts, decideLicense } from './license-desk.ts';
import type { RegistrationRecord } from './records.ts';
import type { LicenseStanding } from './standing.ts';

const registration = {
  product: 'editor',
  kind: 'application',
  consent: { textVersion: consentTextVersion },
} as unknown as RegistrationRecord;
const claims = { license: 'l', entitlements: ['full'] } as unknown as LicenseStanding['claims'];
const good: LicenseStanding = { grant: 'g', claims, isOffline: false };

function decide(changes: Partial<DeskFacts> = {}, app = 'editor'): DeskAnswer {
  return decideLicense(app, {
    state: { kind: 'running' },
    registrations: [registration],
    standing: () => good,
    ...changes,
  });
}

test('an agent that computes, finishes, or pauses until an instant grants; every other state says why not', () => {
  const answers: [AgentState, string][] = [
    [{ kind: 'running' }, 'granted'],
    [{ kind: 'finishing', next: 'stopped' }, 'granted'],
    [{ kind: 'paused', untilMs: 1 }, 'granted'],
    [{ kind: 'paused' }, 'not_computing'],
    [{ kind: 'registered' }, 'consent_withdrawn'],
    [{ kind: 'consented' }, 'stopping'],
    [{ kind: 'stopped' }, 'stopping'],
  ];
  for (const [state, wanted] of answers) assert.equal(said(decide({ state })), wanted, JSON.stringify(state));
});

test('switching off drains first', () => {
  const draining = { inMs: 5, reason: 'not_computing' } as const;
  const answer = decide({ state: { kind: 'paused' }, draining });
  assert.deepEqual(answer.kind === 'granted' && answer.draining, draining);
});

test('without registration, consent to the present text, or a living grant there is no license', () => {
  assert.equal(said(decide({}, 'painter')), 'app_not_granted');
  assert.equal(said(decide({ registrations: [{ ...registration, kind: 'service' }] })), 'app_not_granted');
  const old = { ...registration, consent: { textVersion: '2001-01' } } as unknown as RegistrationRecord;
  assert.equal(said(decide({ registrations: [old] })), 'consent_withdrawn');
  assert.equal(said(decide({ standing: () => ({ ...good, grant: undefined }) })), 'no_grant');
});

test('what the vendor refused is refused here, whatever grant is left', () => {
  const reason = { code: 'x', sentence: 'x', remedy: 'x' };
  for (const [state, wanted] of [
    ['not-computing', 'not_computing'],
    ['revoked', 'revoked'],
    ['suspended', 'suspended'],
    ['ended', 'ended'],
    ['x', 'policy'],
  ] as const) {
    assert.equal(said(decide({ standing: () => ({ ...good, refusal: { state, reason } }) })), wanted);
  }
});

test('seats are as many as the grant says, else three', () => {
  const seats = (entitlements: string[]) => {
    const answer = decide({
      standing: () => ({ ...good, claims: { ...claims, entitlements } as LicenseStanding['claims'] }),
    });
    return answer.kind === 'granted' ? answer.seatsMax : undefined;
  };
  assert.deepEqual([seats([]), seats(['full', 'seats:1']), seats(['seats:0'])], [3, 1, 3]);
});

function said(answer: DeskAnswer): string {
  return answer.kind === 'granted' ? 'granted' : answer.reason;
}
