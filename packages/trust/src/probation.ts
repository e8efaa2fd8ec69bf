import type { Draw } from './draw.ts';
import type { Auditor, Effect } from './effect.ts';
import { establishedPool, idleDurationMsMax, probationResults } from './figures.ts';
import { choosePartner } from './partner.ts';
import type { Standing, TerminalTrust, TrustState } from './state.ts';

/** True when one more passed check ends the terminal's probation. */
export function hasServedProbation(terminal: TerminalTrust): boolean {
  return terminal.standing === 'probation' && terminal.probationPassed + 1 >= probationResults;
}

/**
 * Who checks a newcomer: a TRUSTED terminal of somebody else, and in a young pool the reference executor, because the
 * first forty could be one ring that vouches for itself.
 */
export function chooseChecker(state: TrustState, draw: Draw): Auditor {
  return state.pool.trusted < establishedPool ? { kind: 'reference' } : choosePartner(state, draw);
}

/** How a terminal was seen last, compared with when it handed something in last. */
export interface Absence {
  readonly idleDurationMs: number;
  /** It reports another runtime version than then. */
  readonly isUpdated: boolean;
}

/** Whether a terminal may be asked to vouch: one whose next result starts its probation again may not, though it is TRUSTED still. */
export function mayVouch(standing: Standing, absence: Absence): boolean {
  return standing === 'trusted' && !isToStartAgain(absence);
}

function isToStartAgain({ idleDurationMs, isUpdated }: Absence): boolean {
  return isUpdated || idleDurationMs > idleDurationMsMax;
}

/** Back after a time: too long away starts probation again. */
export function decideSeen(terminal: TerminalTrust, idleDurationMs: number): readonly Effect[] {
  return isToStartAgain({ idleDurationMs, isUpdated: false })
    ? restartProbation(terminal, 'idle')
    : [{ kind: 'ignore', reason: 'standing-unchanged' }];
}

/** Starts probation again. What was passed and what is open stay as they are; a revoked terminal stays revoked. */
export function restartProbation(terminal: TerminalTrust, cause: 'idle' | 'updated'): readonly Effect[] {
  return terminal.standing === 'revoked'
    ? [{ kind: 'ignore', reason: 'revoked' }]
    : [{ kind: 'start-probation', terminal: terminal.terminal, cause }];
}
