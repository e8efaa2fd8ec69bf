/**
 * What the user database says of a terminal (step 304): may it have work?
 *
 *   active, registered, consented  → may compute
 *   anything less                  → is refused, with the first reason in this order: revoked, unregistered, no consent
 *   active, the contractor's own   → may compute: there is nobody to register it or to consent
 */
export interface Standing {
  /** Whose it is: a member's, or the contractor's own reference executor or decoy. */
  readonly role: TerminalRole;
  readonly state: 'active' | 'revoked';
  /** Of a revoked one: its results are still computed again, and if they prove right it is let in again. */
  readonly mayReturn?: boolean;
  /** How often it was let in again; absent for never. */
  readonly reentries?: number;
  /** Registrations that have not ended. */
  readonly registrations: number;
  /** The least that the member agreed to, over all consents in force; undefined without any. */
  readonly limits: ConsentedLimits | undefined;
}

/** What a terminal is for. */
export type TerminalRole = 'member' | 'reference' | 'decoy';

/** What a member agreed to lend. */
export interface ConsentedLimits {
  readonly cores: number;
  readonly memoryMiB: number;
}

/** Why a terminal gets no work: codes of the error table. */
export type StandingRefusal = 'terminal-revoked' | 'terminal-unknown' | 'no-consent';

/** Why a terminal gets no work; undefined when it may have some. Of one without a standing nobody knows. */
export function refusalOf(standing: Standing | undefined): StandingRefusal | undefined {
  if (standing === undefined) {
    return 'terminal-unknown';
  }
  if (standing.state === 'revoked') {
    return 'terminal-revoked';
  }
  if (standing.role !== 'member') {
    return undefined;
  }
  if (standing.registrations === 0) {
    return 'terminal-unknown';
  }
  return standing.limits === undefined ? 'no-consent' : undefined;
}
