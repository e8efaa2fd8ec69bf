import { ApiError } from '@taika/http/api-error';
import type { DispatchContext, TerminalCaller } from '../context.ts';
import { findConsent, withdrawConsentRow } from './consent-queries.ts';

/** Withdraws a consent of this terminal. From now on it gets no work for the product. A repeated call gives the first instant. */
export async function withdrawConsent(
  { sql, clock, standing }: DispatchContext,
  caller: TerminalCaller,
  consentId: string,
): Promise<Date> {
  const known = await findConsent(sql, consentId);
  if (known === undefined || known.terminalNumber !== caller.terminalNumber) {
    throw new ApiError('not-found');
  }
  await withdrawConsentRow(sql, consentId, clock.now());
  standing.forget(caller.terminalNumber);
  const withdrawn = await findConsent(sql, consentId);
  if (withdrawn?.withdrawnAt == null) {
    throw new Error('A consent was withdrawn and is still in force.');
  }
  return withdrawn.withdrawnAt;
}
