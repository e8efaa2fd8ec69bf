import type { Sql } from '@taika/database/connect';
import { nextIdBlock } from './queries.ts';

/** Gives ids that no replica has given before. */
export interface AssignmentIds {
  next(): Promise<bigint>;
}

const blockSize = 1_000_000n;

/** Creates a source of ids: a block of a million from the database, then counting in memory. What is left at the end is never used. */
export function createAssignmentIds(sql: Sql): AssignmentIds {
  let next = 0n;
  let end = 0n;
  let taking: Promise<void> | undefined;

  const takeBlock = () => {
    taking ??= (async () => {
      const block = await nextIdBlock(sql);
      next = block * blockSize;
      end = next + blockSize;
    })().finally(() => {
      taking = undefined;
    });
    return taking;
  };

  return {
    async next() {
      while (next >= end) {
        await takeBlock();
      }
      return next++;
    },
  };
}
