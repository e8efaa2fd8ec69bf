import { inTransaction } from '@taika/database/transaction';
import type { DispatchContext } from '../context.ts';
import { moveJob } from '../jobs/move-job.ts';
import { countTerminalsAsking, insertUnitReturn } from './queries.ts';

/** A unit that so many terminals could not finish is not going to be finished. */
export const returnsMax = 3;

/** A unit that a terminal could not finish. */
export interface UnitReturn {
  readonly jobNumber: bigint;
  readonly unit: number;
  readonly terminalNumber: bigint;
  readonly cause: string;
}

/** Whether a unit is given up: three terminals returned it, or it came back three times where there are not three terminals. */
export function isUnfinishable(seen: {
  readonly returns: number;
  readonly terminals: number;
  readonly asking: number;
}): boolean {
  return seen.terminals >= returnsMax || (seen.returns >= returnsMax && seen.asking < returnsMax);
}

/** Notes the return; the job fails with the causes once the unit is given up. */
export async function noteUnitReturn({ sql, clock }: DispatchContext, unitReturn: UnitReturn): Promise<void> {
  const now = clock.now();
  await inTransaction(sql, async (tx) => {
    const { returns, terminals, causes } = await insertUnitReturn(tx, { ...unitReturn, now });
    if (
      returns < returnsMax ||
      !isUnfinishable({ returns, terminals, asking: await countTerminalsAsking(tx) })
    ) {
      return;
    }
    const { jobNumber, unit } = unitReturn;
    const detail = `Unit ${unit} came back ${returns} times from ${terminals} terminals: ${causes.join(', ')}.`;
    await moveJob(tx, { jobNumber, event: 'unit-unfinished', detail, failure: { unit }, now });
  });
}
