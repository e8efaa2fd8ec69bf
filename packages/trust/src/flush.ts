import type { Effect } from './effect.ts';
import type { TrustEvent } from './event.ts';
import type { TrustState } from './state.ts';
import { type TrustLevel, trustLevels } from './trust-level.ts';

/** All runs are committed: what of this terminal's is still open is sampled, so that the customer need not wait for A audits. */
export function decideJobEnd(
  { terminal, job }: TrustState,
  { open, checked }: Extract<TrustEvent, { kind: 'job-ended' }>,
): readonly Effect[] {
  if (terminal.standing === 'revoked' || terminal.isDecoy) return decideFlushPassed({ terminal });
  const count = flushSample(open, trustLevels[job.level]) - checked;
  return count > 0
    ? [{ kind: 'flush', terminal: terminal.terminal, count }]
    : decideFlushPassed({ terminal });
}

/** The sample is all equal: what is open of the terminal in this job becomes final. */
export function decideFlushPassed({ terminal }: Pick<TrustState, 'terminal'>): readonly Effect[] {
  if (terminal.isDecoy) return [{ kind: 'ignore', reason: 'decoy' }];
  return terminal.standing === 'revoked'
    ? [{ kind: 'ignore', reason: 'revoked' }]
    : [
        {
          kind: 'finalize-job',
          terminal: terminal.terminal,
          isVested: terminal.standing === 'trusted',
        },
      ];
}

/**
 * How many of `open` results must be found equal, drawn without replacement, so that more than the level's share of wrong
 * ones would have been found with its confidence. Hypergeometric, so never more than ln(1 − confidence)/ln(1 − p), and
 * all of them when there are few.
 */
export function flushSample(open: number, level: TrustLevel): number {
  const wrong = Math.floor(level.wrongShareMax * open) + 1;
  let missed = 1;
  for (let sample = 0; sample < open; sample++) {
    if (missed <= 1 - level.confidence) return sample;
    missed *= Math.max(0, open - wrong - sample) / (open - sample);
  }
  return open;
}
