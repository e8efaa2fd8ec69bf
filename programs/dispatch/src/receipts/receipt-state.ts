import type { ReceiptClaims } from '@taika/protocol/tokens';
import type { PresenceState } from '../terminals/presence.ts';
import { refusalOf, type Standing } from '../terminals/standing.ts';

/** What was last seen of a terminal. */
export interface LastSeen {
  readonly seenAt: Date;
  readonly state: PresenceState;
  /** The deadline of what it held then. */
  readonly busyUntil: Date;
}

/** An agent calls at least once a minute unless it computes; five missed calls are an absence. */
export const absentAfterMs = 5 * 60_000;

/**
 * How a terminal is, for the license's evidence. A pause and a lack of work are never the member's fault and are told
 * apart from a member who switched computing off (`not-computing`) and from one who is not there (`absent`).
 */
export function receiptState(
  standing: Standing | undefined,
  seen: LastSeen | undefined,
  now: Date,
): ReceiptClaims['state'] {
  if (refusalOf(standing) !== undefined) {
    return 'not-computing';
  }
  if (seen === undefined) {
    return 'absent';
  }
  const isSilent = now.getTime() - seen.seenAt.getTime() > absentAfterMs && now > seen.busyUntil;
  return isSilent ? 'absent' : seen.state;
}
