import { ApiError } from '@taika/http/api-error';
import { licenseReason } from '@taika/protocol/license-reasons';
import type { Standing } from './standing.ts';

/**
 * What a revoked terminal, and a vendor that asks about it, are told. `mayReturn` says whether that is the last word: while
 * what it handed in is computed again it may still be let in again, and its licenses only rest.
 */
export function revokedError(standing: Standing | undefined): ApiError {
  const mayReturn = standing?.mayReturn === true;
  const reason = licenseReason(mayReturn ? 'terminal-suspended' : 'terminal-revoked');
  return new ApiError('terminal-revoked', reason.sentence, { extra: { mayReturn, reason } });
}
