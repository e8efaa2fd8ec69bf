import type { Sql } from '@taika/database/connect';
import { writeSightings } from './queries.ts';

/** How a terminal was when it last called. `not-computing` says that the member switched computing off. */
export type PresenceState = 'computing' | 'idle-no-work' | 'paused' | 'not-computing';

/** What one call of a terminal's cycle tells. */
export interface Sighting {
  readonly terminalNumber: bigint;
  readonly state: PresenceState;
  readonly at: Date;
  /** Deadline of the work that it holds now: it may be silent so long. */
  readonly busyUntil?: Date | undefined;
  /** Where it called from; its network is told from others, and the address is not kept. */
  readonly address?: string | undefined;
  readonly agentVersion?: string | undefined;
}

/** Collects sightings in memory, the last of each terminal, because a write per call would halve the hot path. */
export interface Presence {
  /** Notes a call. Costs a map entry; never waits. */
  note(sighting: Sighting): void;
  /** What was noted since the last call of this. */
  take(): Sighting[];
}

/** Creates an empty collection. */
export function createPresence(): Presence {
  let noted = new Map<bigint, Sighting>();
  return {
    note(sighting) {
      noted.set(sighting.terminalNumber, sighting);
    },
    take() {
      const taken = [...noted.values()];
      noted = new Map();
      return taken;
    },
  };
}

/** Writes what was noted, in one statement. A step of a loop; what a failing step took is lost, and noted again at the next call of each terminal. */
export async function flushPresenceStep({
  sql,
  presence,
}: {
  readonly sql: Sql;
  readonly presence: Presence;
}) {
  const taken = presence.take().sort(byTerminal);
  if (taken.length === 0) {
    return;
  }
  await writeSightings(sql, taken);
}

/** Two replicas write in the same order, so that neither waits for the other in a circle. */
function byTerminal(left: Sighting, right: Sighting): number {
  return left.terminalNumber < right.terminalNumber ? -1 : 1;
}
