import type { Effect } from './effect.ts';
import { establishedPool, memberPercentMax, newcomerPercentMax } from './figures.ts';
import type { TrustState } from './state.ts';

/** What caps look at. */
export type Offer = Pick<TrustState, 'terminal' | 'job'> & {
  readonly pool: Pick<TrustState['pool'], 'trusted'>;
};

/**
 * Whether the terminal may have a run of the job. Many new identities of one cheat get at most a fifth of a job, one
 * member at most a tenth; a young pool has nobody to leave the rest to, so there are no caps in it.
 */
export function decideOffer(state: Offer): readonly Effect[] {
  if (state.terminal.standing === 'revoked') return [{ kind: 'withhold', reason: 'revoked' }];
  if (newcomersLeft(state) <= 0) return [{ kind: 'withhold', reason: 'newcomer-share' }];
  if (memberLeft(state) <= 0) return [{ kind: 'withhold', reason: 'member-share' }];
  return [{ kind: 'issue' }];
}

/** How much of the job the terminal may have beside what it and its like had; endless where nothing is capped. In what the job is counted in. */
export function offerLimit(state: Offer): number {
  return state.terminal.standing === 'revoked'
    ? 0
    : Math.max(0, Math.min(newcomersLeft(state), memberLeft(state)));
}

function newcomersLeft({ terminal, job, pool }: Offer): number {
  const isCapped = pool.trusted >= establishedPool && terminal.standing === 'probation';
  return isCapped ? shareOf(job.runs, newcomerPercentMax) - job.newcomerRuns : Number.POSITIVE_INFINITY;
}

function memberLeft({ job, pool }: Offer): number {
  if (pool.trusted < establishedPool) return Number.POSITIVE_INFINITY;
  // A job of a few runs must still be possible.
  return Math.max(1, shareOf(job.runs, memberPercentMax)) - job.memberRuns;
}

function shareOf(runs: number, percent: number): number {
  return Math.floor((runs * percent) / 100);
}
