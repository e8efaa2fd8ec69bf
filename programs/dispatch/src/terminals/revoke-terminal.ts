import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { findOperatorTerminal, type OperatorTerminalRow, revokeTerminalRow } from './queries.ts';

/** Revokes a terminal: this replica refuses it at once, the others within five seconds. The first reason stays. */
export async function revokeTerminal(
  { sql, clock, standing, log }: DispatchContext,
  terminalId: string,
  reason: string,
): Promise<OperatorTerminalRow> {
  const revoked = await revokeTerminalRow(sql, { id: terminalId, reason, at: clock.now() });
  if (revoked !== undefined) {
    standing.forget(revoked);
    log.info({ terminalId, reason }, 'A terminal was revoked.');
  }
  const terminal = await findOperatorTerminal(sql, terminalId);
  if (terminal === undefined) {
    throw new ApiError('not-found');
  }
  return terminal;
}
