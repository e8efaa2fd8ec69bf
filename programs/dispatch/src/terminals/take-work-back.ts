import { expireTerminalAssignments } from '../assignments/queries.ts';
import type { DispatchContext } from '../context.ts';
import { refusalOf } from './standing.ts';

/**
 * Called after a change that may end a terminal's right to work: what it holds goes to others within a second or two, if
 * it may not compute any more. Another replica that does not know yet may hand it a last run; that one's deadline ends it.
 */
export async function takeWorkBack(
  { sql, standing }: Pick<DispatchContext, 'sql' | 'standing'>,
  terminalNumber: bigint,
): Promise<void> {
  standing.forget(terminalNumber);
  const now = await standing.find(terminalNumber);
  if (now === undefined || refusalOf(now) !== undefined) {
    await expireTerminalAssignments(sql, terminalNumber);
  }
}
