import { type PointsUse, pointsOfFuel } from '../rewards/earnings.ts';
import type { WorkSum } from './queries.ts';

/** Evidence of work in thousandths of a point. */
export interface Evidence {
  /** Of results that are in and neither final nor forfeited yet. */
  readonly committed: bigint;
  readonly final: bigint;
  readonly forfeited: bigint;
}

/**
 * Adds up a terminal's work for a license. Accepted work is final at once; what became points to be spent is no evidence.
 * What is pending counts for what the terminal computes for at present (`use`), as it will when it becomes final.
 */
export function evidenceOf(work: readonly WorkSum[], use: PointsUse = 'evidence'): Evidence {
  const sumOf = (sums: readonly WorkSum[]) =>
    sums.reduce((total, sum) => total + pointsOfFuel(sum.fuel, sum), 0n);
  const of = (...kinds: readonly WorkSum['kind'][]) => work.filter(({ kind }) => kinds.includes(kind));
  const served = (...kinds: readonly WorkSum['kind'][]) =>
    sumOf(of(...kinds).filter((sum) => sum.use === 'evidence'));
  const settled = sumOf(of('finalized', 'forfeited'));
  const committed = sumOf(of('committed'));
  const final = served('accepted', 'finalized');
  const recalled = served('recalled');
  return {
    // Work committed before the window may be settled within it, so the difference can be below zero.
    committed: use === 'evidence' && committed > settled ? committed - settled : 0n,
    final: final > recalled ? final - recalled : 0n,
    forfeited: sumOf(of('forfeited')) + recalled,
  };
}

/**
 * Thousandths of a point that a fee by the month may rest on: of work for the license that came in during the registration's part
 * of the month, and no more than stands of it. What came in before and only became final within it is not counted again.
 */
export function evidenceOfMonth(work: readonly WorkSum[]): bigint {
  const { committed, final } = evidenceOf(work);
  const stands = committed + final;
  const cameIn = work
    .filter(({ kind, use }) => use === 'evidence' && (kind === 'accepted' || kind === 'committed'))
    .reduce((total, sum) => total + pointsOfFuel(sum.fuel, sum), 0n);
  return cameIn < stands ? cameIn : stands;
}

/** Units whose results came in. */
export function unitsOf(work: readonly WorkSum[]): bigint {
  return work
    .filter(({ kind }) => kind === 'accepted' || kind === 'committed')
    .reduce((total, { units }) => total + units, 0n);
}

/** Those of them that were computed for a license. */
export function unitsForLicense(work: readonly WorkSum[]): bigint {
  return unitsOf(work.filter(({ use }) => use === 'evidence'));
}
