import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { listBoundedCursors, updatePaused } from './queries.ts';
import { mayGoOn } from './spending.ts';

/**
 * A step of a loop: pauses jobs that would soon cost more than they may, and lets those go on that may again, because
 * less was used than was feared or because the customer allowed more.
 */
export async function watchSpendingStep(
  { sql }: Pick<DispatchContext, 'sql'>,
  onChange: () => void = () => {},
): Promise<StepOutcome> {
  for (const { jobNumber, isPaused, spending } of await listBoundedCursors(sql)) {
    const isToPause = !mayGoOn(spending);
    if (isToPause !== isPaused) {
      await updatePaused(sql, { jobNumber, isPaused: isToPause });
      onChange();
    }
  }
  return 'idle';
}
