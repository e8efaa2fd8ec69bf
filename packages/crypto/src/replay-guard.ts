/** Remembers ids until an instant each. */
export interface ReplayGuard {
  /** True the first time an id is seen, false as long as it is remembered. */
  useOnce(id: string, until: Date): boolean;
  /** How many ids are remembered. */
  readonly size: number;
}

/** Creates a guard in memory, for one process. Replicas need one in their database: a replay may reach another replica. */
export function createReplayGuard(now: () => Date): ReplayGuard {
  const untilById = new Map<string, number>();
  let sweepAt = 0;
  return {
    get size() {
      return untilById.size;
    },
    useOnce(id, until) {
      const nowMs = now().getTime();
      if (nowMs >= sweepAt) {
        sweepAt = nowMs + sweepEveryMs;
        for (const [known, untilMs] of untilById) {
          if (untilMs < nowMs) {
            untilById.delete(known);
          }
        }
      }
      const knownUntil = untilById.get(id);
      if (knownUntil !== undefined && knownUntil >= nowMs) {
        return false;
      }
      untilById.set(id, until.getTime());
      return true;
    },
  };
}

const sweepEveryMs = 10_000;
