/**
 * Points from fuel, exactly. What a sum of fuel is worth is rounded down to a thousandth of a point, and a batch earns
 * the difference between the worth of the sum after it and before it: so a million small results earn what one large
 * result of the same fuel does, in whatever batches they come.
 */
export type EntryKind = 'accepted' | 'committed' | 'finalized' | 'forfeited' | 'recalled';

/** What a point is for: evidence for a license, or to be spent. Never both. */
export type PointsUse = 'evidence' | 'spend';

/** The part of a rate card that points come from. */
export interface EarnRate {
  readonly perFuel: bigint;
  readonly pointsMilli: bigint;
}

/** What a sum of fuel is worth, in thousandths of a point. */
export function pointsOfFuel(fuel: bigint, { perFuel, pointsMilli }: EarnRate): bigint {
  return (fuel * pointsMilli) / perFuel;
}

/** What is earned by `added` fuel on top of `before`. */
export function pointsAdded(fuel: { before: bigint; added: bigint }, rate: EarnRate): bigint {
  return pointsOfFuel(fuel.before + fuel.added, rate) - pointsOfFuel(fuel.before, rate);
}

/** Fuel of one kind that a member gained, on top of what was counted before. */
export interface Gain {
  readonly kind: EntryKind;
  readonly use: PointsUse;
  readonly rate: EarnRate;
  readonly before: bigint;
  readonly added: bigint;
}

/** What gains do to a member's points, in thousandths. */
export interface PointsChange {
  /** Into escrow. */
  readonly pending: bigint;
  /** Out of escrow, to be spent. */
  readonly final: bigint;
  /** Out of escrow, evidence for a license. */
  readonly evidence: bigint;
  /** Out of escrow, lost. */
  readonly forfeited: bigint;
  /** Taken back from what can be spent, and from evidence. */
  readonly recalled: bigint;
  readonly evidenceRecalled: bigint;
}

/** Sums what gains do. Accepted work passes through escrow in one go. */
export function changeOf(gains: readonly Gain[]): PointsChange {
  const change = { pending: 0n, final: 0n, evidence: 0n, forfeited: 0n, recalled: 0n, evidenceRecalled: 0n };
  for (const gain of gains) {
    const points = pointsAdded(gain, gain.rate);
    const isEvidence = gain.use === 'evidence';
    switch (gain.kind) {
      case 'accepted':
        change.pending += points;
        change[isEvidence ? 'evidence' : 'final'] += points;
        break;
      case 'committed':
        change.pending += points;
        break;
      case 'finalized':
        change[isEvidence ? 'evidence' : 'final'] += points;
        break;
      case 'forfeited':
        change.forfeited += points;
        break;
      case 'recalled':
        change[isEvidence ? 'evidenceRecalled' : 'recalled'] += points;
        break;
    }
  }
  return change;
}
