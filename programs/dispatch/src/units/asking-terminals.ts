import type { Clock } from '@taika/runtime/clock';

/** Which terminals asked this replica for work lately. Guides how large runs are and when idle terminals come back. */
export interface AskingTerminals {
  /** Notes a call that asks for work. */
  note(terminalNumber: bigint): void;
  /** Terminals that asked within the last half minute to minute, at least one. */
  count(): number;
}

const generationMs = 30_000;

/** Creates an empty memory: two generations, of which the older is dropped, so that noting is one entry in a set. */
export function createAskingTerminals(clock: Clock): AskingTerminals {
  let young = new Set<bigint>();
  let old = new Set<bigint>();
  let startedAtMs = clock.monotonicMs();

  const turn = () => {
    const ageMs = clock.monotonicMs() - startedAtMs;
    if (ageMs > generationMs) {
      old = ageMs > 2 * generationMs ? new Set() : young;
      young = new Set();
      startedAtMs = clock.monotonicMs();
    }
  };

  return {
    note(terminalNumber) {
      turn();
      young.add(terminalNumber);
      old.delete(terminalNumber);
    },
    count() {
      turn();
      return Math.max(1, young.size + old.size);
    },
  };
}
