import { licenseReason } from '@taika/protocol/license-reasons';
import type { ReasonText } from '@taika/protocol/schema';
import type { ReceiptClaims } from '@taika/protocol/tokens';

/**
 * A license: the right that computing earns.
 *
 *              running
 *   licensed ◀──────────▶ not-computing ◀── readmitted ──┐
 *      │    not-running        │                         │
 *      ├─────── doubted ───────┼─────────────────▶ suspended
 *      ├──────── lie ──────────┼──▶ revoked ◀── lie ─────┤
 *      └────── forgotten ──────┴──▶ ended ◀── forgotten ─┴── revoked
 *
 * The contractor's verdict on a terminal comes in two steps. `doubted`: its right to compute was taken, and what it handed in
 * is computed again. Then `readmitted` (it looked like the hardware's fault) or `lie`, which is final.
 *
 * Invariants: a grant is signed only in `licensed` and only with a receipt of the dispatch server that was fetched for
 * it. No work to give, and a pause by manners, count as running. Only `readmitted` leads out of `suspended` to a license, by
 * way of `not-computing`, so that it is licensed again by evidence alone. Nothing leaves `ended`, and `revoked` only ends.
 */
export const licenseStates = ['licensed', 'not-computing', 'suspended', 'revoked', 'ended'] as const;
export type LicenseState = (typeof licenseStates)[number];

/** What a receipt, the dispatch server's refusal, or the member says. */
export const licenseEvents = ['running', 'not-running', 'doubted', 'readmitted', 'lie', 'forgotten'] as const;
export type LicenseEvent = (typeof licenseEvents)[number];

/** The state after an event. Every event is possible in every state; one that no longer matters changes nothing. */
export function afterLicenseEvent(state: LicenseState, event: LicenseEvent): LicenseState {
  if (event === 'forgotten' || state === 'ended') {
    return 'ended';
  }
  if (event === 'lie' || state === 'revoked') {
    return 'revoked';
  }
  if (event === 'readmitted') {
    return state === 'suspended' ? 'not-computing' : state;
  }
  if (event === 'doubted' || state === 'suspended') {
    return 'suspended';
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
  /** How often the contractor let the terminal in again. */
  readonly reentries: number;
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
  notComputing: licenseReason('not-computing'),
  absent: licenseReason('agent-not-seen'),
  evidenceShort: (evidence: Evidence, pointsMilliMin: bigint): ReasonText => ({
    code: 'evidence-short',
    sentence: `The license asks for ${pointsText(pointsMilliMin)} points in its window, and there are ${pointsText(evidencePoints(evidence))}${forfeitedText(evidence)}.`,
    remedy:
      'Let the agent compute: the license is back with the next results. Or buy the application for money.',
  }),
  suspended: licenseReason('suspended'),
  revoked: licenseReason('revoked'),
  ended: licenseReason('ended'),
} as const;

/** After a re-entry the member has to know what counts against it. */
function forfeitedText({ forfeitedMilli }: Evidence): string {
  return forfeitedMilli === 0n ? '' : ` after ${pointsText(forfeitedMilli)} that were forfeited`;
}

function pointsText(milli: bigint): string {
  const fraction = (milli % 1000n).toString().padStart(3, '0').replace(/0+$/, '');
  return fraction === '' ? String(milli / 1000n) : `${milli / 1000n}.${fraction}`;
}
