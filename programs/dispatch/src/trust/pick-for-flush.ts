import type { Desk } from './desk.ts';
import type { Case } from './perform.ts';
import { listFlushable } from './run-queries.ts';
import type { TrustRun } from './trust-run.ts';

/** `count` of the terminal's open runs of the job that nobody has checked, drawn in one pass (Knuth's algorithm S). */
export async function pickForFlush(
  desk: Desk,
  { run, author, occasion }: Case,
  count: number,
): Promise<TrustRun[]> {
  const open = await listFlushable(desk.tx, { jobNumber: run.jobNumber, terminalNumber: author });
  const draw = desk.drawFor(run, `${occasion}:sample`);
  let wanted = Math.min(count, open.length);
  return open.filter((_, seen) => {
    const isPicked = draw.fraction() * (open.length - seen) < wanted;
    if (isPicked) {
      wanted -= 1;
    }
    return isPicked;
  });
}
