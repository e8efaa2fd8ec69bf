import type { Clock } from '@taika/runtime/clock';
import { cutRun, type UnitRun, type UnitWindow, unitsLeft } from './unit-window.ts';

/** What a terminal is to get from a job. */
export interface TakeOptions {
  readonly jobNumber: bigint;
  readonly terminalNumber: bigint;
  readonly memberNumber: bigint;
  readonly unitsMax: number;
  readonly bytesMax: number;
}

/** Takes windows of units from the database; the feeder asks it for more before it runs dry. */
export type TakeWindows = (jobNumber: bigint, units: number) => Promise<UnitWindow[]>;

/** What no member is left for who did not have it before. */
export interface LastResort {
  /** Which of these windows it is true of. */
  among(jobNumber: bigint, windows: readonly UnitWindow[]): Promise<ReadonlySet<bigint>>;
  /** Takes such units from the database, as windows of their own. */
  take(jobNumber: bigint): Promise<UnitWindow[]>;
}

/**
 * The units that this replica may hand out, in memory (HOTPATH.md, "Feeder"): handing one out then costs one INSERT.
 * Windows begin small and double while they are used up within seconds, so a small job is not hoarded by one replica and
 * a large one is not taken spoon by spoon.
 */
export interface Feeder {
  /** Cuts a run, asking the database for more units where there are none; undefined when there are none there either. */
  take(options: TakeOptions): Promise<UnitRun | undefined>;
  /** Cuts a run that no other member may have, for the reference executor; undefined where there is none. */
  takeLast(options: TakeOptions): Promise<UnitRun | undefined>;
  /** Windows that are used up and claimed: their rows can go. Each is given once. */
  takeUsedUp(): UnitWindow[];
  /** Windows of jobs that nobody asked for lately, to be given back. Each is given once, and no longer handed out of. */
  takeIdle(idleMs: number): UnitWindow[];
  /** Windows held now, those included whose last claims are on their way. */
  held(): UnitWindow[];
  /** Hands nothing out of these any more: they were recovered, or their state is in doubt. */
  forget(blockIds: ReadonlySet<bigint>): void;
  /** Drops a job that is over. */
  forgetJob(jobNumber: bigint): void;
  /** Jobs that were asked for within `withinMs` and had nothing. */
  starving(withinMs: number): bigint[];
}

const windowUnitsMin = 64;
const windowUnitsMax = 8_192;
/** A window used up faster than this is followed by one twice as large, one that lasted longer than `slowMs` by half. */
const fastMs = 2_000;
const slowMs = 10_000;
/** How long "there is nothing" is believed without asking the database again. */
const emptyMs = 200;
/** Windows that are asked for on behalf of one call. */
const fillsMax = 8;
/** How long a unit waits for another terminal than the one that returned it. */
const returnedMs = 5_000;

/** Creates a feeder without units. */
export function createFeeder(takeWindows: TakeWindows, lastResort: LastResort, clock: Clock): Feeder {
  const jobs = new Map<bigint, JobFeed>();
  let usedUp: UnitWindow[] = [];

  const feedOf = (jobNumber: bigint): JobFeed => {
    let feed = jobs.get(jobNumber);
    if (feed === undefined) {
      feed = {
        windows: [],
        windowUnits: windowUnitsMin,
        filledAtMs: 0,
        askedAtMs: 0,
        emptyAtMs: undefined,
        filling: undefined,
      };
      jobs.set(jobNumber, feed);
    }
    return feed;
  };

  const fill = (jobNumber: bigint, feed: JobFeed): Promise<void> => {
    feed.filling ??= (async () => {
      try {
        const nowMs = clock.monotonicMs();
        const sinceMs = nowMs - feed.filledAtMs;
        if (feed.filledAtMs > 0 && sinceMs < fastMs) {
          feed.windowUnits = Math.min(windowUnitsMax, feed.windowUnits * 2);
        } else if (sinceMs > slowMs) {
          feed.windowUnits = Math.max(windowUnitsMin, feed.windowUnits / 2);
        }
        const windows = await takeWindows(jobNumber, feed.windowUnits);
        feed.windows.push(...windows);
        feed.filledAtMs = nowMs;
        feed.emptyAtMs = windows.length === 0 ? clock.monotonicMs() : undefined;
      } finally {
        feed.filling = undefined;
      }
    })();
    return feed.filling;
  };

  const cutFrom = (feed: JobFeed, options: TakeOptions): UnitRun | undefined => {
    const { terminalNumber, memberNumber } = options;
    const nowMs = clock.monotonicMs();
    const window = feed.windows.find(
      ({ returnedBy, takenAtMs, formerMembers }) =>
        !formerMembers.has(memberNumber) && (returnedBy !== terminalNumber || nowMs - takenAtMs > returnedMs),
    );
    return window === undefined ? undefined : cutOf(feed, window, options);
  };

  const cutOf = (feed: JobFeed, window: UnitWindow, { unitsMax, bytesMax }: TakeOptions): UnitRun => {
    const run = cutRun(window, { unitsMax, bytesMax });
    if (unitsLeft(window) === 0) {
      feed.windows.splice(feed.windows.indexOf(window), 1);
      usedUp.push(window);
    }
    return run;
  };

  return {
    async take(options) {
      const { jobNumber } = options;
      const feed = feedOf(jobNumber);
      feed.askedAtMs = clock.monotonicMs();
      const run = cutFrom(feed, options);
      const isEmpty = feed.emptyAtMs !== undefined && feed.askedAtMs - feed.emptyAtMs < emptyMs;
      if (run !== undefined) {
        if (!isEmpty && countUnits(feed) < feed.windowUnits / 2) {
          // Ahead of need, so that nobody waits; a failure is told to whoever asks when nothing is left.
          fill(jobNumber, feed).catch(() => {});
        }
        return run;
      }
      if (isEmpty) {
        return undefined;
      }
      // Others who waited for the same units may have taken them all.
      for (let fills = 0; fills < fillsMax; fills++) {
        await fill(jobNumber, feed);
        const filled = cutFrom(feed, options);
        if (filled !== undefined || feed.emptyAtMs !== undefined) {
          return filled;
        }
      }
      return undefined;
    },
    async takeLast(options) {
      const { jobNumber } = options;
      const feed = feedOf(jobNumber);
      const came = feed.windows.filter(({ formerMembers }) => formerMembers.size > 0);
      const free = came.length === 0 ? new Set<bigint>() : await lastResort.among(jobNumber, came);
      // Meanwhile a member may have taken it.
      let window = feed.windows.find(({ blockId }) => free.has(blockId));
      if (window === undefined) {
        const taken = await lastResort.take(jobNumber);
        feed.windows.push(...taken);
        [window] = taken;
      }
      return window === undefined ? undefined : cutOf(feed, window, options);
    },
    takeUsedUp() {
      const done = usedUp.filter(isClaimed);
      usedUp = usedUp.filter((window) => !isClaimed(window));
      return done;
    },
    takeIdle(idleMs) {
      const nowMs = clock.monotonicMs();
      return [...jobs.values()]
        .filter(({ askedAtMs, filling }) => nowMs - askedAtMs > idleMs && filling === undefined)
        .flatMap((feed) => {
          // What is on its way to a terminal would be lost with the window's row.
          const idle = feed.windows.filter(isClaimed);
          feed.windows = feed.windows.filter((window) => !isClaimed(window));
          return idle;
        });
    },
    held: () => [...jobs.values()].flatMap(({ windows }) => windows).concat(usedUp),
    forget(blockIds) {
      usedUp = usedUp.filter(({ blockId }) => !blockIds.has(blockId));
      for (const feed of jobs.values()) {
        feed.windows = feed.windows.filter(({ blockId }) => !blockIds.has(blockId));
      }
    },
    forgetJob(jobNumber) {
      jobs.delete(jobNumber);
    },
    starving(withinMs) {
      const oldestMs = clock.monotonicMs() - withinMs;
      return [...jobs]
        .filter(
          ([, { windows, askedAtMs, emptyAtMs }]) =>
            windows.length === 0 && emptyAtMs !== undefined && askedAtMs > oldestMs,
        )
        .map(([jobNumber]) => jobNumber);
    },
  };
}

interface JobFeed {
  windows: UnitWindow[];
  windowUnits: number;
  filledAtMs: number;
  askedAtMs: number;
  /** When the database had nothing for it. */
  emptyAtMs: number | undefined;
  filling: Promise<void> | undefined;
}

/** Whether everything that was handed out is safely assigned. */
function isClaimed({ handedOut, claimed }: UnitWindow): boolean {
  return handedOut === claimed;
}

function countUnits({ windows }: JobFeed): number {
  let units = 0;
  for (const window of windows) {
    units += unitsLeft(window);
  }
  return units;
}
