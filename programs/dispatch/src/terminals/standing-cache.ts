import { createBatcher } from '@taika/runtime/batcher';
import type { Clock } from '@taika/runtime/clock';
import type { Standing } from './standing.ts';

/** The user database in memory: only terminals that called lately, and never older than `ageMsMax`. */
export interface StandingCache {
  /** The terminal's standing; from memory while it is fresh. Undefined when there is no such terminal. */
  find(terminalNumber: bigint): Promise<Standing | undefined>;
  /** Drops what is known of a terminal, so that a change made by this replica counts at once. */
  forget(terminalNumber: bigint): void;
  /** Reads all terminals of the last minute anew, in one query. A step of a loop. */
  refresh(): Promise<void>;
}

/** Reads the standing of terminals, one entry for each that exists. */
export type StandingReader = (terminalNumbers: readonly bigint[]) => Promise<Map<bigint, Standing>>;

/** Changes by other replicas must count within 5 s: two missed refreshes, and callers read for themselves. */
export const standingRefreshMs = 2_000;
const ageMsMax = 4_500;
/** A terminal that has not called for so long is read again when it does. */
const keptMsMax = 60_000;

/** Creates an empty cache over `read`. */
export function createStandingCache(read: StandingReader, clock: Clock): StandingCache {
  const entries = new Map<bigint, Entry>();

  const load = async (terminalNumbers: readonly bigint[]) => {
    const askedAtMs = clock.monotonicMs();
    const found = await read(terminalNumbers);
    for (const terminalNumber of terminalNumbers) {
      const known = entries.get(terminalNumber);
      const standing = found.get(terminalNumber);
      // An entry that was forgotten or read anew meanwhile knows better than an answer asked for before.
      if (known !== undefined && known.askedAtMs > askedAtMs) {
        continue;
      }
      if (standing === undefined) {
        entries.delete(terminalNumber);
      } else {
        entries.set(terminalNumber, { standing, askedAtMs, usedAtMs: known?.usedAtMs ?? askedAtMs });
      }
    }
    return found;
  };

  const loader = createBatcher<bigint, Standing | undefined>({
    itemsMax: 1_000,
    flush: async (terminalNumbers) => {
      const found = await load([...new Set(terminalNumbers)]);
      return terminalNumbers.map((terminalNumber) => found.get(terminalNumber));
    },
  });

  return {
    async find(terminalNumber) {
      const nowMs = clock.monotonicMs();
      const entry = entries.get(terminalNumber);
      if (entry?.standing === undefined || nowMs - entry.askedAtMs > ageMsMax) {
        return await loader.push(terminalNumber);
      }
      entry.usedAtMs = nowMs;
      return entry.standing;
    },
    forget(terminalNumber) {
      const nowMs = clock.monotonicMs();
      entries.set(terminalNumber, { standing: undefined, askedAtMs: nowMs, usedAtMs: nowMs });
    },
    async refresh() {
      const oldestUseMs = clock.monotonicMs() - keptMsMax;
      for (const [terminalNumber, entry] of entries) {
        if (entry.usedAtMs < oldestUseMs) {
          entries.delete(terminalNumber);
        }
      }
      if (entries.size > 0) {
        await load([...entries.keys()]);
      }
    },
  };
}

interface Entry {
  /** Undefined: forgotten, to be read again. */
  readonly standing: Standing | undefined;
  readonly askedAtMs: number;
  usedAtMs: number;
}
