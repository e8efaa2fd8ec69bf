import type { Draw } from './draw.ts';
import type { Auditor } from './effect.ts';
import type { Candidate, Pool } from './state.ts';

/**
 * Who computes the second copy: uniformly one of the TRUSTED terminals that are eligible, else the reference executor.
 * Never whoever asks next: a ring with fast machines would be next more often.
 */
export function choosePartner(author: Candidate, pool: Pool, draw: Draw): Auditor {
  // Rejection keeps it uniform without a list of the eligible; nearly all are.
  for (let attempt = 0; attempt < attemptsMax && pool.trusted > 0; attempt++) {
    const candidate = pool.at(Math.floor(draw.fraction() * pool.trusted));
    if (isEligible(author, candidate)) return { kind: 'terminal', terminal: candidate.terminal };
  }
  const eligible: number[] = [];
  for (let index = 0; index < pool.trusted; index++) {
    const candidate = pool.at(index);
    if (isEligible(author, candidate)) eligible.push(candidate.terminal);
  }
  const terminal = eligible[Math.floor(draw.fraction() * eligible.length)];
  return terminal === undefined ? { kind: 'reference' } : { kind: 'terminal', terminal };
}

/** Another member, another network, another week of registration; what is unknown (0) does not exclude. */
export function isEligible(author: Candidate, candidate: Candidate): boolean {
  return (
    candidate.member !== author.member &&
    (candidate.network !== author.network || author.network === 0) &&
    (candidate.week !== author.week || author.week === 0)
  );
}

const attemptsMax = 8;
