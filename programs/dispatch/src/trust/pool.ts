import type { Transaction } from '@taika/database/connect';
import { mayVouch } from '@taika/trust/probation';
import type { Pool } from '@taika/trust/state';
import { absenceOf } from './absence.ts';
import { insertPool, readLastPool, readPool } from './terminal-queries.ts';

/** The pool that partners are drawn from, and the record of it. */
export interface RecordedPool extends Pool {
  readonly version: bigint;
}

/** Reads the pool as it is now; records it where it differs from the last one, so that every draw can be made again. */
export async function readRecordedPool(tx: Transaction, now: Date): Promise<RecordedPool> {
  const rows = (await readPool(tx))
    .filter((row) => mayVouch('trusted', absenceOf(row, now)))
    .map(({ terminalNumber, memberNumber, network, week }) => [
      Number(terminalNumber),
      Number(memberNumber),
      network,
      week,
    ]);
  const last = await readLastPool(tx);
  const isSame = last !== undefined && JSON.stringify(last.terminals) === JSON.stringify(rows);
  return { ...toPool(rows), version: isSame ? last.version : await insertPool(tx, rows, now) };
}

/** The pool of recorded rows: `[terminal, member, network, week]` each. */
export function toPool(rows: readonly (readonly number[])[]): Pool {
  const weeks = new Map<number, number>();
  for (const [, , , week = 0] of rows) {
    weeks.set(week, (weeks.get(week) ?? 0) + 1);
  }
  return {
    trusted: rows.length,
    at(index) {
      const [terminal, member = 0, network = 0, week = 0] = rows[index] ?? [];
      if (terminal === undefined) {
        throw new Error(`The pool has ${rows.length} terminals and none at ${index}.`);
      }
      return { terminal, member, network, week };
    },
    inWeek: (week) => weeks.get(week) ?? 0,
  };
}
