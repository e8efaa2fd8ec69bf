import type { Clock } from '@taika/runtime/clock';

/** What became of an earlier call with the same id: answered, or begun and not answered as far as is known. */
export type EarlierCall = 'begun' | 'answered';

/** The calls of the last minutes at this replica, so that a repeated one is known even where it does not say so. */
export interface RecentCycles {
  find(key: string): EarlierCall | undefined;
  note(key: string, call: EarlierCall): void;
}

const ageMsMax = 5 * 60_000;
/** About 20 MB; beyond it the oldest call is forgotten before its time. */
const entriesMax = 100_000;

/** Creates an empty memory. */
export function createRecentCycles(clock: Clock): RecentCycles {
  const calls = new Map<string, { readonly call: EarlierCall; readonly atMs: number }>();
  return {
    find: (key) => calls.get(key)?.call,
    note(key, call) {
      const nowMs = clock.monotonicMs();
      // Maps keep the order of insertion, so the oldest comes first.
      calls.delete(key);
      calls.set(key, { call, atMs: nowMs });
      for (const [oldest, { atMs }] of calls) {
        if (calls.size <= entriesMax && nowMs - atMs <= ageMsMax) {
          break;
        }
        calls.delete(oldest);
      }
    },
  };
}
