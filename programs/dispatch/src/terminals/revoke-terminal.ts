import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { findOperatorTerminal, type OperatorTerminalRow, revokeTerminalRow } from './queries.ts';
import { takeWorkBack } from './take-work-back.ts';

/** Revokes a terminal: this replica refuses it at once, the others within five seconds. The first reason stays. */
export async function revokeTerminal(
  context: DispatchContext,
  terminalId: string,
  reason: string,
): Promise<OperatorTerminalRow> {
  const { sql, clock, log } = context;
  const revoked = await revokeTerminalRow(sql, { id: terminalId, reason, at: clock.now() });
  if (revoked !== undefined) {
    await takeWorkBack(context, revoked);
    log.info({ terminalId, reason }, 'A terminal was revoked.');
  }
  const terminal = await findOperatorTerminal(sql, terminalId);
  if (terminal === undefined) {
    throw new ApiError('not-found');
  }
  return terminal;
}
