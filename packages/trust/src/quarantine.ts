import type { Effect } from './effect.ts';
import { auditsBeforeFinal } from './figures.ts';
import { hasServedProbation } from './probation.ts';
import type { TerminalTrust } from './state.ts';

/**
 * Puts a result under quarantine. It counts audits *drawn* after the commit, its own left out: one that was drawn
 * earlier and comes back late says nothing about what was committed since.
 */
export function quarantine(terminal: TerminalTrust, isAudited: boolean): Effect {
  return {
    kind: 'quarantine',
    terminal: terminal.terminal,
    finalAfter: terminal.drawn + (isAudited ? 1 : 0) + auditsBeforeFinal,
  };
}

/** What a passed audit brings its terminal: the count, trust where probation is served, and what became final by it. */
export function pass(terminal: TerminalTrust, wasDrawn: boolean): readonly Effect[] {
  if (terminal.standing === 'revoked' || terminal.isDecoy) return [];
  const number = terminal.terminal;
  const becomesTrusted = hasServedProbation(terminal);
  const effects: Effect[] = [{ kind: 'pass', terminal: number, wasDrawn }];
  if (becomesTrusted) effects.push({ kind: 'trust', terminal: number });
  effects.push({
    kind: 'finalize',
    terminal: number,
    passed: terminal.passed + 1,
    isVested: becomesTrusted || terminal.standing === 'trusted',
  });
  return effects;
}
