/**
 * Whether members agree on a run. Pure: the trust levels of a later issue replace this function and nothing else.
 *
 * A vote is one result that covers the run. Two votes agree when the identities of all units are equal.
 */
export interface Vote {
  readonly assignmentId: bigint;
  readonly memberNumber: bigint;
  /** Identities of the run's units, one after the other. */
  readonly digests: Uint8Array;
}

export type Agreement =
  /** `winner` is believed; those in `wrong` said something else. */
  | {
      readonly kind: 'agreed';
      readonly winner: Vote;
      readonly right: readonly Vote[];
      readonly wrong: readonly Vote[];
    }
  /** Results are missing: `wanted` in all. */
  | { readonly kind: 'more'; readonly wanted: number }
  | { readonly kind: 'disagreed' };

/** Results beyond `copies` that are asked for before a job is given up: three members each with another answer. */
export const copiesBeyondMax = 3;

/** Decides on a run that wants `copies` equal results of different members. */
export function decideAgreement(votes: readonly Vote[], copies: number): Agreement {
  const camps = groupEqual(votes);
  const largest = camps.reduce<readonly Vote[]>(
    (best, camp) => (camp.length > best.length ? camp : best),
    [],
  );
  const winner = largest[0];
  if (winner !== undefined && new Set(largest.map(({ memberNumber }) => memberNumber)).size >= copies) {
    return { kind: 'agreed', winner, right: largest, wrong: votes.filter((vote) => !largest.includes(vote)) };
  }
  const wanted = votes.length + copies - largest.length;
  return wanted > copies + copiesBeyondMax ? { kind: 'disagreed' } : { kind: 'more', wanted };
}

function groupEqual(votes: readonly Vote[]): Vote[][] {
  const camps = new Map<string, Vote[]>();
  for (const vote of votes) {
    const key = Buffer.from(vote.digests).toString('latin1');
    const camp = camps.get(key);
    if (camp === undefined) {
      camps.set(key, [vote]);
    } else {
      camp.push(vote);
    }
  }
  return [...camps.values()];
}
