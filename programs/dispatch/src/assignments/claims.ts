import type { Sql } from '@taika/database/connect';
import { createBatcher } from '@taika/runtime/batcher';
import { faultPoint } from '@taika/runtime/fault-points';
import type { Feeder } from '../units/feeder.ts';
import type { UnitWindow } from '../units/unit-window.ts';
import { type Claim, insertClaims, insertJobTerminals } from './queries.ts';

/** Writes assignments in groups: whoever waits while one group commits rides in the next. */
export interface Claims {
  /** True when the run is the terminal's; false when its window was recovered by another replica, or its job is over. */
  claim(claim: Claim, window: UnitWindow): Promise<boolean>;
}

/** A statement of this many rows is about 5 ms; more would make all wait for the last. */
const batchMax = 512;

/** Creates the batcher of claims. After a failure the windows are left to recovery: what was written is in doubt. */
export function createClaims(hotSql: Sql, feeder: Feeder): Claims {
  const seen = new SeenPairs();
  const batcher = createBatcher<{ claim: Claim; window: UnitWindow }, boolean>({
    itemsMax: batchMax,
    async flush(items) {
      const claims = items.map(({ claim }) => claim);
      try {
        const fresh = claims.filter((claim) => seen.isNew(claim));
        if (fresh.length > 0) {
          await insertJobTerminals(hotSql, fresh);
        }
        const written = await insertClaims(hotSql, claims);
        faultPoint('claimed');
        const lost = new Set<bigint>();
        const answers = items.map(({ claim, window }) => {
          const isWritten = written.has(claim.assignmentId);
          if (isWritten) {
            window.claimed += claim.units;
          } else {
            lost.add(window.blockId);
          }
          return isWritten;
        });
        if (lost.size > 0) {
          feeder.forget(lost);
        }
        return answers;
      } catch (error) {
        feeder.forget(new Set(items.map(({ window }) => window.blockId)));
        throw error;
      }
    },
  });
  return { claim: (claim, window) => batcher.push({ claim, window }) };
}

/** Which terminals are known to compute for which jobs, so that the row is written once. */
class SeenPairs {
  #pairs = new Set<string>();

  isNew({ jobNumber, terminalNumber }: Claim): boolean {
    const pair = `${jobNumber} ${terminalNumber}`;
    if (this.#pairs.has(pair)) {
      return false;
    }
    if (this.#pairs.size >= 100_000) {
      this.#pairs.clear();
    }
    this.#pairs.add(pair);
    return true;
  }
}
