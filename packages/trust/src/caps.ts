import type { Effect } from './effect.ts';
import { establishedPool, memberPercentMax, newcomerPercentMax } from './figures.ts';
import type { TrustState } from './state.ts';

/**
 * Whether the terminal may have a run of the job. Many new identities of one cheat get at most a fifth of a job, one
 * member at most a tenth; a young pool has nobody to leave the rest to, so there are no caps in it.
 */
export function decideOffer({ terminal, job, pool }: TrustState): readonly Effect[] {
  if (terminal.standing === 'revoked') return [{ kind: 'withhold', reason: 'revoked' }];
  if (pool.trusted < establishedPool) return [{ kind: 'issue' }];
  if (terminal.standing === 'probation' && job.newcomerRuns >= shareOf(job.runs, newcomerPercentMax)) {
    return [{ kind: 'withhold', reason: 'newcomer-share' }];
  }
  // A job of a few runs must still be possible.
  if (job.memberRuns >= Math.max(1, shareOf(job.runs, memberPercentMax))) {
    return [{ kind: 'withhold', reason: 'member-share' }];
  }
  return [{ kind: 'issue' }];
}

function shareOf(runs: number, percent: number): number {
  return Math.floor((runs * percent) / 100);
}
