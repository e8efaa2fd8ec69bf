import type { Absence } from '@taika/trust/probation';

/** What is known of a terminal from its calls and from what it handed in last. */
export interface Seen {
  /** When it handed something in last. */
  readonly activeAt: Date;
  /** Its version then; null where it never said one. */
  readonly agentVersion: string | null;
  /** In its latest call that said one. */
  readonly seenVersion: string | null;
}

/** How the terminal was seen last, as the rules ask. */
export function absenceOf({ activeAt, agentVersion, seenVersion }: Seen, now: Date): Absence {
  return {
    idleDurationMs: now.getTime() - activeAt.getTime(),
    isUpdated: agentVersion !== null && seenVersion !== null && seenVersion !== agentVersion,
  };
}
