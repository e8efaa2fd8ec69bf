import type { Draw } from './draw.ts';
import type { Auditor } from './effect.ts';
import type { Candidate, Pool } from './state.ts';

/**
 * Who computes the second copy: uniformly one of the TRUSTED terminals that are eligible, else the reference executor.
 * Never whoever asks next: a ring with fast machines would be next more often.
 */
export function choosePartner(author: Candidate, pool: Pool, draw: Draw): Auditor {
  // A pool that was launched this week would have nobody else to ask, and one terminal of an earlier week would be asked for all.
  const weekCounts = 2 * pool.inWeek(author.week) <= pool.trusted;
  // Rejection keeps it uniform without a list of the eligible; nearly all are.
  for (let attempt = 0; attempt < attemptsMax && pool.trusted > 0; attempt++) {
    const candidate = pool.at(Math.floor(draw.fraction() * pool.trusted));
    if (isEligible(author, candidate, weekCounts)) return { kind: 'terminal', terminal: candidate.terminal };
  }
  const eligible: number[] = [];
  for (let index = 0; index < pool.trusted; index++) {
    const candidate = pool.at(index);
    if (isEligible(author, candidate, weekCounts)) eligible.push(candidate.terminal);
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
