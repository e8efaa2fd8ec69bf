/**
 * Points from fuel, exactly. What a sum of fuel is worth is rounded down to a thousandth of a point, and a batch earns
 * the difference between the worth of the sum after it and before it: so a million small results earn what one large
 * result of the same fuel does, in whatever batches they come.
 */
export type EntryKind = 'accepted' | 'committed' | 'finalized' | 'forfeited';

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
  /** Out of escrow, lost. */
  readonly forfeited: bigint;
}

/** Sums what gains do. Accepted work passes through escrow in one go. */
export function changeOf(gains: readonly Gain[]): PointsChange {
  let [pending, final, forfeited] = [0n, 0n, 0n];
  for (const gain of gains) {
    const points = pointsAdded(gain, gain.rate);
    pending += gain.kind === 'accepted' || gain.kind === 'committed' ? points : 0n;
    final += gain.kind === 'accepted' || gain.kind === 'finalized' ? points : 0n;
    forfeited += gain.kind === 'forfeited' ? points : 0n;
  }
  return { pending, final, forfeited };
}
