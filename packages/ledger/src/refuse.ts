import type { Transaction } from '@taika/database/connect';
import type { Refused } from './outcome.ts';
import { insertRefusals } from './queries.ts';

/** Stores that a claimed command was refused, and is the answer to it. */
export async function refuse(
  tx: Transaction,
  commandId: bigint,
  why: Pick<Refused, 'reason' | 'account' | 'shortBy'>,
): Promise<Refused> {
  await insertRefusals(tx, [{ commandId, ...why }]);
  return { kind: 'refused', ...why, replayed: false };
}
