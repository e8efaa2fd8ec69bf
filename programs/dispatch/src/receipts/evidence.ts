import { pointsOfFuel } from '../rewards/earnings.ts';
import type { WorkSum } from './queries.ts';

/** Evidence of work in thousandths of a point. */
export interface Evidence {
  /** Of results that are in and neither final nor forfeited yet. */
  readonly committed: bigint;
  readonly final: bigint;
  readonly forfeited: bigint;
}

/** Adds up a terminal's work. Accepted work is final at once. */
export function evidenceOf(work: readonly WorkSum[]): Evidence {
  const of = (...kinds: readonly WorkSum['kind'][]) =>
    work
      .filter(({ kind }) => kinds.includes(kind))
      .reduce((total, sum) => total + pointsOfFuel(sum.fuel, sum), 0n);
  const settled = of('finalized', 'forfeited');
  const committed = of('committed');
  return {
    // Work committed before the window may be settled within it, so the difference can be below zero.
    committed: committed > settled ? committed - settled : 0n,
    final: of('accepted', 'finalized'),
    forfeited: of('forfeited'),
  };
}

/** Units whose results came in. */
export function unitsOf(work: readonly WorkSum[]): bigint {
  return work
    .filter(({ kind }) => kind === 'accepted' || kind === 'committed')
    .reduce((total, { units }) => total + units, 0n);
}
