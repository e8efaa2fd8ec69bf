import type { LinkRefusal } from '@taika/protocol/local-link';
import type { DeskAnswer } from '../link/license-desk.ts';
import { type AgentState, countsAsRunning } from './agent-state.ts';
import { consentedOf, type RegistrationRecord } from './records.ts';
import type { LicenseStanding } from './standing.ts';

/** Copies of an application that may run at a time where the grant's entitlements name no `seats:N`. */
const seatsDefault = 3;

export interface DeskFacts {
  readonly state: AgentState;
  readonly registrations: readonly RegistrationRecord[];
  readonly standing: (registration: RegistrationRecord) => LicenseStanding;
  /** How long the agent still serves before it stops for what the member asked; undefined while it simply serves. */
  readonly draining?: { readonly inMs: number; readonly reason: LinkRefusal } | undefined;
}

/** What may be promised to an application: pure, so that every reason has its test. */
export function decideLicense(app: string, facts: DeskFacts): DeskAnswer {
  const { state, registrations, draining } = facts;
  const registration = registrations.find(({ product, kind }) => product === app && kind === 'application');
  if (registration === undefined) return refuse('app_not_granted');
  if (state.kind === 'registered' || consentedOf([registration]).length === 0)
    return refuse('consent_withdrawn');
  if (state.kind === 'stopped' || state.kind === 'consented') return refuse('stopping');
  if (!countsAsRunning(state) && draining === undefined) return refuse('not_computing');
  const { grant, claims, refusal } = facts.standing(registration);
  if (refusal !== undefined) return refuse(refusedAs(refusal.state));
  if (grant === undefined || claims === undefined) return refuse('no_grant');
  return {
    kind: 'granted',
    grant,
    license: claims.license,
    seatsMax: seatsOf(claims.entitlements),
    ...(draining === undefined ? {} : { draining }),
  };
}

function refuse(reason: LinkRefusal): DeskAnswer {
  return { kind: 'refused', reason };
}

function refusedAs(state: string): LinkRefusal {
  if (state === 'not-computing') return 'not_computing';
  if (state === 'suspended') return 'suspended';
  return state === 'revoked' || state === 'ended' ? state : 'policy';
}

function seatsOf(entitlements: readonly string[]): number {
  const named = entitlements
    .map((each) => /^seats:([1-9]\d{0,3})$/.exec(each)?.[1])
    .find((each) => each !== undefined);
  return named === undefined ? seatsDefault : Number(named);
}
