import { inTransaction } from '@taika/database/transaction';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import type { WorkContext } from '../work-context.ts';
import { deleteBlocks, giveBack, recoverBlock, renewBlocks } from './queries.ts';
import { unitsLeft } from './unit-window.ts';

/** A window that nobody asked for so long is given back: another replica's terminals may be idle for want of it. */
const idleMs = 2_000;

/** A step of a loop: renews this replica's windows, drops those that are used up, gives back those that are idle. */
export async function keepWindowsStep({
  context,
  feeder,
}: Pick<WorkContext, 'context' | 'feeder'>): Promise<void> {
  const { hotSql } = context;
  const usedUp = feeder.takeUsedUp();
  if (usedUp.length > 0) {
    await deleteBlocks(
      hotSql,
      usedUp.map(({ blockId }) => blockId),
    );
  }
  for (const window of feeder.takeIdle(idleMs)) {
    const { blockId, firstUnit, handedOut, returnedBy } = window;
    const left = { blockId, firstUnit: firstUnit + handedOut, units: unitsLeft(window) };
    await giveBack(hotSql, { ...left, returnedBy: handedOut === 0 ? returnedBy : undefined });
  }
  const held = feeder.held().map(({ blockId }) => blockId);
  if (held.length > 0) {
    const renewed = await renewBlocks(hotSql, held);
    feeder.forget(new Set(held.filter((blockId) => !renewed.has(blockId))));
  }
}

/** A step of a loop: recovers one window of a replica that is gone. */
export async function recoverWindowsStep({ sql }: DispatchContext): Promise<StepOutcome> {
  return (await inTransaction(sql, (tx) => recoverBlock(tx, { kind: 'expired' }))) ? 'again' : 'idle';
}

/** Recovers at once what this replica held, without waiting for the windows to expire: before it was killed, or now that it stops. */
export async function recoverOwnWindows(
  { sql, replica }: DispatchContext,
  blockIdMax: bigint,
): Promise<void> {
  while (await inTransaction(sql, (tx) => recoverBlock(tx, { kind: 'own-before', replica, blockIdMax }))) {
    // Each turn recovers one.
  }
}
