/** How long each part of a run took, in milliseconds. */
export interface Timings {
  /** Ends the part that ran since the last mark, under this name. */
  mark(part: string): void;
  /** All parts, and `total` since the start. */
  all(): Readonly<Record<string, number>>;
}

export function createTimings(nowMs: () => number = () => performance.now()): Timings {
  const startMs = nowMs();
  let lastMs = startMs;
  const parts: Record<string, number> = {};
  return {
    mark(part) {
      const now = nowMs();
      parts[part] = Math.round(now - lastMs);
      lastMs = now;
    },
    all: () => ({ ...parts, total: Math.round(nowMs() - startMs) }),
  };
}
