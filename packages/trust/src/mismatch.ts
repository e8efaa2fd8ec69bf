import { decideDecoyJudgement } from './decoy.ts';
import type { Effect, RevocationCause } from './effect.ts';
import type { TrustEvent } from './event.ts';
import { cleanResultsOfHardware } from './figures.ts';
import { pass } from './quarantine.ts';
import type { JobTrust, TerminalTrust, TrustState } from './state.ts';

/** The reference executor has computed a run about which two terminals differ, or that must be certain. */
export function decideJudgement(
  state: TrustState,
  event: Extract<TrustEvent, { kind: 'judged' }>,
): readonly Effect[] {
  const { terminal, partner } = state;
  // NaN bits reach the program's output even on the reference's own machine: both may be honest.
  if (event.dependsOnNan === true) return [{ kind: 'use-strict' }];
  // The two agreed, so one form was enough to find them right; to find them wrong takes all: they may share a NaN.
  if (needsEveryForm(state, event)) return [{ kind: 'judge', reason: event.reason, strict: true }];
  if (terminal.isDecoy) return decideDecoyJudgement(state, event);
  return [
    ...judgeAuthor(terminal, event.isAuthorRight),
    // A decoy is ours, and asked for nothing.
    ...(partner === null || partner.standing === 'revoked' || partner.isDecoy
      ? []
      : judgePartner(partner, event.isPartnerRight)),
    // Last, so that nobody who is revoked here is revoked again as a voucher.
    ...(event.isAuthorRight ? [] : ([{ kind: 'expose-vouchers' }] as const)),
  ];
}

/**
 * Whether a judgement is one form's word only and says that somebody is wrong, where the bits of a NaN can be seen: it
 * is then made again with every form, and counts for nothing until it is.
 */
export function needsEveryForm(
  { partner, job }: Pick<TrustState, 'partner'> & { readonly job: Pick<JobTrust, 'artefact'> },
  { isAuthorRight, isPartnerRight, dependsOnNan }: Extract<TrustEvent, { kind: 'judged' }>,
): boolean {
  const isPartnerWrong =
    partner !== null && partner.standing !== 'revoked' && !partner.isDecoy && !isPartnerRight;
  return dependsOnNan === null && job.artefact === 'fast' && (!isAuthorRight || isPartnerWrong);
}

/** Takes the right, the escrow, and the belief in everything that the terminal handed in. */
export function revoke(terminal: TerminalTrust, cause: RevocationCause): readonly Effect[] {
  const { terminal: number, member } = terminal;
  return [
    { kind: 'revoke', terminal: number, member, cause },
    { kind: 'forfeit', terminal: number },
    { kind: 'drop-open', terminal: number },
    { kind: 'recall', terminal: number },
  ];
}

/** It vouched for a result that is proven wrong. */
export function decideLieProven(terminal: TerminalTrust): readonly Effect[] {
  if (terminal.isDecoy) return [{ kind: 'ignore', reason: 'decoy' }];
  return terminal.standing === 'revoked'
    ? [{ kind: 'ignore', reason: 'revoked' }]
    : revoke(terminal, 'vouched-for-a-lie');
}

/**
 * All that a revoked terminal handed in is computed again. One wrong result among many right ones that nobody else
 * agreed with looks like a bit flipped by heat: it may start anew, once. Its escrow stays forfeited, so a liar gains
 * nothing by being let in again.
 */
export function decideRecallEnded(
  terminal: Pick<TerminalTrust, 'terminal' | 'standing' | 'reentries'>,
  { wrong, checked, isIsolated }: Extract<TrustEvent, { kind: 'recall-ended' }>,
): readonly Effect[] {
  const looksLikeHardware = wrong <= 1 && isIsolated && checked >= cleanResultsOfHardware;
  return terminal.standing === 'revoked' && terminal.reentries === 0 && looksLikeHardware
    ? [{ kind: 'start-probation', terminal: terminal.terminal, cause: 'reentry' }]
    : [{ kind: 'ignore', reason: 'not-hardware' }];
}

function judgeAuthor(author: TerminalTrust, isRight: boolean): readonly Effect[] {
  if (isRight) return author.standing === 'revoked' ? [{ kind: 'settle' }] : pass(author, true);
  return [{ kind: 'settle' }, ...(author.standing === 'revoked' ? [] : revoke(author, 'wrong-result'))];
}

function judgePartner(partner: TerminalTrust, isRight: boolean): readonly Effect[] {
  return isRight ? pass(partner, false) : revoke(partner, 'wrong-audit');
}
