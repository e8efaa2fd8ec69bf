import { ApiError } from '@taika/http/api-error';
import type { DispatchContext, TerminalCaller } from '../context.ts';
import { findConsent, withdrawConsentRow } from './consent-queries.ts';
import { takeWorkBack } from './take-work-back.ts';

/** Withdraws a consent of this terminal. From now on it gets no work for the product, and what it holds goes to others. A repeated call gives the first instant. */
export async function withdrawConsent(
  context: DispatchContext,
  caller: TerminalCaller,
  consentId: string,
): Promise<Date> {
  const { sql, clock } = context;
  const known = await findConsent(sql, consentId);
  if (known === undefined || known.terminalNumber !== caller.terminalNumber) {
    throw new ApiError('not-found');
  }
  await withdrawConsentRow(sql, consentId, clock.now());
  await takeWorkBack(context, caller.terminalNumber);
  const withdrawn = await findConsent(sql, consentId);
  if (withdrawn?.withdrawnAt == null) {
    throw new Error('A consent was withdrawn and is still in force.');
  }
  return withdrawn.withdrawnAt;
}
