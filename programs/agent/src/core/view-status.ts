import { reason } from '@taika/protocol/reasons';
import type { ReasonText } from '@taika/protocol/schema';
import type { AgentState } from './agent-state.ts';
import { consentedOf, type RegistrationRecord } from './records.ts';
import type { LicenseStanding } from './standing.ts';
import type { RegistrationStatus } from './status.ts';

/** Why the agent is as it is; `work` is what the compute loop says. */
export function reasonOf(state: AgentState, work: ReasonText | undefined): ReasonText {
  switch (state.kind) {
    case 'running':
      return work ?? reason('computing');
    case 'paused':
      return reason('paused-by-member');
    case 'finishing':
      return {
        code: 'finishing',
        sentence: 'The agent computes what it holds and asks for nothing new.',
        remedy: 'Run `taika agent resume` to go on.',
      };
    case 'stopped':
      return {
        code: 'stopped',
        sentence: 'The agent is stopped.',
        remedy: 'Start it with `taika agent run`.',
      };
    case 'consented':
      return {
        code: 'stopped',
        sentence: 'The agent is not running.',
        remedy: 'Start it with `taika agent run`.',
      };
    case 'registered':
      return reason('no-consent');
    case 'unregistered':
      return {
        code: 'unregistered',
        sentence: 'This agent is not registered anywhere.',
        remedy: 'Register first: `taika agent register`.',
      };
  }
}

/** A registration as the status shows it; without a standing where the agent does not run. */
export function registrationStatus(
  registration: RegistrationRecord,
  standing: LicenseStanding | undefined,
  now: Date,
): RegistrationStatus {
  const {
    product,
    kind,
    title,
    vendorName: vendor,
    vendorUrl,
    registrationId,
    state,
    licenseKey,
  } = registration;
  const hint = licenseKey?.slice(-5);
  return {
    product,
    kind,
    title,
    vendor,
    vendorUrl,
    registrationId,
    state,
    ...(hint === undefined ? {} : { licenseKeyHint: hint }),
    hasConsent: consentedOf([registration]).length > 0,
    license: licenseStatus(kind, standing, now),
  };
}

function licenseStatus(
  kind: 'application' | 'service',
  standing: LicenseStanding | undefined,
  now: Date,
): RegistrationStatus['license'] {
  if (kind === 'service') return { state: 'not-needed' };
  const { grant, claims, refusal, isOffline } = standing ?? {};
  if (refusal !== undefined) {
    return { state: refusedState(refusal.state), reason: refusal.reason };
  }
  if (grant === undefined || claims === undefined) return { state: 'none' };
  const end = isOffline ? Math.max(claims.exp, claims.offlineUntil) : claims.exp;
  return { state: isOffline ? 'offline' : 'licensed', leftMs: Math.max(0, end * 1000 - now.getTime()) };
}

function refusedState(state: string): 'not-computing' | 'suspended' | 'revoked' | 'ended' {
  return state === 'not-computing' || state === 'suspended' || state === 'ended' ? state : 'revoked';
}
