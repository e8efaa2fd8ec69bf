import type { ReasonText } from '@taika/protocol/schema';
import type { ReceiptClaims } from '@taika/protocol/tokens';

/**
 * A license: the right that computing earns.
 *
 *              running
 *   licensed ◀──────────▶ not-computing
 *      │    not-running        │
 *      ├──────── lie ──────────┼──▶ revoked
 *      └────── forgotten ──────┴──▶ ended ◀── revoked
 *
 * Invariants: a grant is signed only in `licensed` and only with a receipt of the dispatch server that was fetched for
 * it. No work to give, and a pause by manners, count as running. Nothing leaves `ended`, and `revoked` only ends.
 */
export const licenseStates = ['licensed', 'not-computing', 'revoked', 'ended'] as const;
export type LicenseState = (typeof licenseStates)[number];

/** What a receipt, the dispatch server's refusal, or the member says. */
export const licenseEvents = ['running', 'not-running', 'lie', 'forgotten'] as const;
export type LicenseEvent = (typeof licenseEvents)[number];

/** The state after an event. Every event is possible in every state; one that no longer matters changes nothing. */
export function afterLicenseEvent(state: LicenseState, event: LicenseEvent): LicenseState {
  if (event === 'forgotten' || state === 'ended') {
    return 'ended';
  }
  if (event === 'lie' || state === 'revoked') {
    return 'revoked';
  }
  return event === 'running' ? 'licensed' : 'not-computing';
}

/** Evidence of work in the policy's window, in thousandths of a point, and how the terminal stands now. */
export interface Evidence {
  readonly committedMilli: bigint;
  readonly finalMilli: bigint;
  readonly forfeitedMilli: bigint;
  readonly state: ReceiptClaims['state'];
  /** By the contractor's clock. */
  readonly issuedAt: Date;
}

/** What a product asks beside the running agent. */
export interface EvidencePolicy {
  readonly pointsMilliMin: bigint;
}

/** What counts: pending and final points less those forfeited, never below zero. */
export function evidencePoints({ committedMilli, finalMilli, forfeitedMilli }: Evidence): bigint {
  const points = committedMilli + finalMilli - forfeitedMilli;
  return points < 0n ? 0n : points;
}

/** What the evidence means for the license, with the reason where it does not count as running. */
export type Judgement =
  | { readonly event: 'running' }
  | { readonly event: 'not-running'; readonly reason: ReasonText };

/**
 * Judges evidence by the policy. `idle-no-work` is goodwill whatever the points: there was nothing to earn them with.
 * Otherwise the terminal must be running (a pause by manners is) and have earned the policy's minimum.
 */
export function judge(evidence: Evidence, { pointsMilliMin }: EvidencePolicy): Judgement {
  switch (evidence.state) {
    case 'idle-no-work':
      return { event: 'running' };
    case 'computing':
    case 'paused':
      return evidencePoints(evidence) >= pointsMilliMin
        ? { event: 'running' }
        : { event: 'not-running', reason: licenseReasons.evidenceShort(evidence, pointsMilliMin) };
    case 'not-computing':
      return { event: 'not-running', reason: licenseReasons.notComputing };
    case 'absent':
      return { event: 'not-running', reason: licenseReasons.absent };
  }
}

/** Why a license is not valid, for its member. */
export const licenseReasons = {
  notComputing: {
    code: 'not-computing',
    sentence: 'Computing is switched off on this terminal, and the license is its consideration.',
    remedy: 'Run `taika agent resume`, or buy the application for money.',
  },
  absent: {
    code: 'agent-not-seen',
    sentence: 'The dispatch server has not heard from this terminal lately.',
    remedy:
      'Let the agent run; it asks again by itself. Check `taika agent status` and the network if this lasts.',
  },
  evidenceShort: (evidence: Evidence, pointsMilliMin: bigint): ReasonText => ({
    code: 'evidence-short',
    sentence: `The license asks for ${pointsText(pointsMilliMin)} points in its window, and there are ${pointsText(evidencePoints(evidence))}.`,
    remedy:
      'Let the agent compute: the license is back with the next results. Or buy the application for money.',
  }),
  revoked: {
    code: 'revoked',
    sentence: 'The contractor revoked this terminal, so the license is revoked.',
    remedy: 'Ask the contractor why; the application can be bought for money.',
  },
  ended: {
    code: 'ended',
    sentence: 'The registration was ended by the member.',
    remedy: 'Register again with `taika agent register`.',
  },
} as const;

function pointsText(milli: bigint): string {
  const fraction = (milli % 1000n).toString().padStart(3, '0').replace(/0+$/, '');
  return fraction === '' ? String(milli / 1000n) : `${milli / 1000n}.${fraction}`;
}
