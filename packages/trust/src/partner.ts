import type { Draw } from './draw.ts';
import type { Auditor } from './effect.ts';
import type { Candidate, TrustState } from './state.ts';

/**
 * Who computes the second copy: uniformly one of the TRUSTED terminals that are eligible, else the reference executor.
 * Never whoever asks next: a ring with fast machines would be next more often. Never who had the run before: a unit is
 * offered to a member at most once, so that nobody is asked to check what it knows the answer to.
 */
export function choosePartner(
  {
    terminal: author,
    formerMembers,
    pool,
  }: Pick<TrustState, 'formerMembers' | 'pool'> & {
    readonly terminal: Candidate;
  },
  draw: Draw,
): Auditor {
  // A pool that was launched this week would have nobody else to ask, and one terminal of an earlier week would be asked for all.
  const weekCounts = 2 * pool.inWeek(author.week) <= pool.trusted;
  const isFree = (candidate: Candidate) =>
    isEligible(author, candidate, weekCounts) && !formerMembers.includes(candidate.member);
  // Rejection keeps it uniform without a list of the eligible; nearly all are.
  for (let attempt = 0; attempt < attemptsMax && pool.trusted > 0; attempt++) {
    const candidate = pool.at(Math.floor(draw.fraction() * pool.trusted));
    if (isFree(candidate)) return { kind: 'terminal', terminal: candidate.terminal };
  }
  const eligible: number[] = [];
  for (let index = 0; index < pool.trusted; index++) {
    const candidate = pool.at(index);
    if (isFree(candidate)) eligible.push(candidate.terminal);
  }
  const terminal = eligible[Math.floor(draw.fraction() * eligible.length)];
  return terminal === undefined ? { kind: 'reference' } : { kind: 'terminal', terminal };
}

/** Another member, another network and, where it counts, another week of registration; what is unknown (0) does not exclude. */
export function isEligible(author: Candidate, candidate: Candidate, weekCounts: boolean): boolean {
  return (
    candidate.member !== author.member &&
    (candidate.network !== author.network || author.network === 0) &&
    (candidate.week !== author.week || author.week === 0 || !weekCounts)
  );
}

const attemptsMax = 8;
