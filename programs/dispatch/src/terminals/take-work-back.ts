import { expireTerminalAssignments } from '../assignments/queries.ts';
import type { DispatchContext } from '../context.ts';
import { refusalOf, type StandingRefusal } from './standing.ts';

/**
 * Called after a change that may end a terminal's right to work: what it holds goes to others within a second or two, if
 * it may not compute any more. A call that is being answered looks again at its end (cycle.ts); another replica that does
 * not know yet may hand it a last run, and that one's deadline ends it.
 */
export async function takeWorkBack(
  context: Pick<DispatchContext, 'sql' | 'standing'>,
  terminalNumber: bigint,
): Promise<void> {
  context.standing.forget(terminalNumber);
  await takeBackIfRefused(context, terminalNumber);
}

/** Why a terminal may not compute; then what it holds goes to others. Undefined where it may. */
export async function takeBackIfRefused(
  { sql, standing }: Pick<DispatchContext, 'sql' | 'standing'>,
  terminalNumber: bigint,
): Promise<StandingRefusal | undefined> {
  const refusal = refusalOf(await standing.find(terminalNumber));
  if (refusal !== undefined) {
    await expireTerminalAssignments(sql, terminalNumber);
  }
  return refusal;
}
