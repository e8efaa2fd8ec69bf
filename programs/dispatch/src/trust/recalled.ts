import type { Desk } from './desk.ts';
import { act } from './perform.ts';
import type { TrustRun } from './trust-run.ts';

/**
 * One of a revoked terminal's results was computed again, or nobody will do so any more (`isChecked` false: it says nothing
 * of the terminal); after the last one it is decided whether it may come back.
 */
export async function noteRecalled(
  desk: Desk,
  {
    run,
    author,
    isWrong = false,
    isChecked = true,
  }: {
    readonly run: TrustRun;
    readonly author: bigint;
    readonly isWrong?: boolean;
    readonly isChecked?: boolean;
  },
): Promise<void> {
  const { recallsOut, recallsDone, recallsWrong, isRecallIsolated } = desk.terminal(author);
  const left = Math.max(0, recallsOut - 1);
  const checked = recallsDone + (isChecked ? 1 : 0);
  const wrong = recallsWrong + (isWrong ? 1 : 0);
  desk.change(author, { recallsOut: left, recallsDone: checked, recallsWrong: wrong });
  if (left === 0 && recallsOut > 0) {
    await act(
      desk,
      { kind: 'recall-ended', wrong, checked, isIsolated: isRecallIsolated },
      { run, author, occasion: `recall-ended:${checked}` },
    );
  }
}
