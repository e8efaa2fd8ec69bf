import { decideRecallEnded } from './mismatch.ts';
import type { TerminalTrust } from './state.ts';

/** How far the computing-again of a revoked terminal's results is, counted in results. */
export interface RecallProgress {
  /** Not computed again yet. */
  readonly out: number;
  readonly checked: number;
  readonly wrong: number;
  readonly isIsolated: boolean;
}

/**
 * Whether a revoked terminal may still be let in again: whether it would be if all that is still out proved right. It never
 * becomes true again once it was false, so a vendor may end a license by it.
 */
export function mayBeReadmitted(
  terminal: Pick<TerminalTrust, 'standing' | 'reentries'>,
  { out, checked, wrong, isIsolated }: RecallProgress,
): boolean {
  const best = { kind: 'recall-ended', wrong, checked: checked + out, isIsolated } as const;
  return (
    out > 0 &&
    decideRecallEnded({ terminal: 0, ...terminal }, best).some(({ kind }) => kind === 'start-probation')
  );
}
