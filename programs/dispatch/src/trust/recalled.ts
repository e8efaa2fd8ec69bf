import type { Desk } from './desk.ts';
import { act } from './perform.ts';
import type { TrustRun } from './trust-run.ts';

/** One of a revoked terminal's results was computed again; after the last one it is decided whether it may come back. */
export async function noteRecalled(
  desk: Desk,
  {
    run,
    author,
    isWrong = false,
  }: { readonly run: TrustRun; readonly author: bigint; readonly isWrong?: boolean },
): Promise<void> {
  const { recallsOut, recallsDone, recallsWrong, isRecallIsolated } = desk.terminal(author);
  const left = Math.max(0, recallsOut - 1);
  const checked = recallsDone + 1;
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
