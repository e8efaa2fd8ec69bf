import type { Sql } from '@taika/database/connect';
import type { Clock } from '@taika/runtime/clock';
import { listWanted, type WantedJob } from './audit-queries.ts';

/** Whom copies wait for, in memory, so that a call of a terminal that none waits for costs no query. */
export interface WantedAudits {
  /** Whether copies wait for this terminal, or for any reference executor. */
  isWantedFrom(terminal: { readonly terminalNumber: bigint; readonly isReference: boolean }): boolean;
  /** The jobs of which copies wait to be handed out, with how much a unit of each is: some are done, so nothing else in memory tells. */
  jobs(): readonly WantedJob[];
  /** Reads anew: a step of a loop, and after this replica decided something. */
  refresh(): Promise<void>;
}

const referenceKey = 0n;

/** Creates an empty memory. */
export function createWantedAudits(sql: Sql, clock: Clock): WantedAudits {
  let wanted: Awaited<ReturnType<typeof listWanted>> = { terminals: new Set(), jobs: [] };
  let readAtMs = Number.NEGATIVE_INFINITY;
  return {
    isWantedFrom: ({ terminalNumber, isReference }) =>
      wanted.terminals.has(isReference ? referenceKey : terminalNumber),
    jobs: () => wanted.jobs,
    async refresh() {
      const askedAtMs = clock.monotonicMs();
      const read = await listWanted(sql);
      if (askedAtMs >= readAtMs) {
        readAtMs = askedAtMs;
        wanted = read;
      }
    },
  };
}
