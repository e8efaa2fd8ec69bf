/**
 * How long a process wanted a processor and got none. A unit's time limit is about the unit, not about the member's
 * machine: behind a full machine a runner at the lowest priority waits most of the time, and a unit that was stopped for
 * it would be blamed for what it did not do. `performance.now() - starved.ms` runs only as fast as the process does.
 */
export class StarvedTime {
  /** Milliseconds so far. Never less than before. */
  ms = 0;
  #wallMs: number | undefined;
  #processorMs = 0;

  /**
   * Notes that at the instant `wallMs` the process had used `processorMs` of all processors together, with `busy` threads
   * wanting one since the last note. To be called often; measurements closer than a tenth of a second are too coarse, and
   * are left to the next call. A process that gets nothing at all still ages, twenty times slower: whatever hangs ends.
   */
  note(wallMs: number, processorMs: number, busy: number): void {
    const passedMs = wallMs - (this.#wallMs ?? wallMs);
    if (this.#wallMs !== undefined && passedMs < noteEveryMs) return;
    // Less than before: it is another process than the last time.
    if (busy > 0 && processorMs >= this.#processorMs) {
      const servedMs = Math.max((processorMs - this.#processorMs) / busy, passedMs / agingShare);
      this.ms += Math.max(0, passedMs - servedMs);
    }
    this.#wallMs = wallMs;
    this.#processorMs = processorMs;
  }
}

const noteEveryMs = 100;
const agingShare = 20;
