import type { Effect } from './effect.ts';
import type { TerminalTrust } from './state.ts';

/**
 * What an effect makes of a terminal's row; the row itself when the effect is about something else. The server's SQL does
 * the same, and its tests compare.
 */
export function applyEffect(row: TerminalTrust, effect: Effect): TerminalTrust {
  if (!('terminal' in effect) || effect.terminal !== row.terminal) return row;
  switch (effect.kind) {
    case 'audit':
      return effect.isDrawn ? { ...row, drawn: row.drawn + 1 } : row;
    case 'pass':
      return {
        ...row,
        passed: row.passed + 1,
        drawn: effect.wasDrawn ? row.drawn : row.drawn + 1,
        probationPassed: row.probationPassed + 1,
      };
    case 'trust':
      return { ...row, standing: 'trusted' };
    case 'revoke':
      return { ...row, standing: 'revoked' };
    case 'start-probation':
      return effect.cause === 'reentry'
        ? {
            ...row,
            standing: 'probation',
            probationPassed: 0,
            passed: 0,
            drawn: 0,
            reentries: row.reentries + 1,
          }
        : { ...row, standing: 'probation', probationPassed: 0 };
    default:
      return row;
  }
}
