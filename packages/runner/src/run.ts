import type { ReturnCause } from '@taika/wasm/outcome';
import type { UnitInput } from '@taika/wasm/unit';
import { Channel } from './channel.ts';
import type { UnitRun } from './sandbox.ts';

/** Ends that a slow reader may leave waiting before no more units are taken in. */
const unreadMax = 1024;

/**
 * One call of `Sandbox.run`: it takes units from its source only as fast as they are needed, and collects
 * how they ended. Every unit taken in ends exactly once.
 */
export class Run {
  readonly ends = new Channel<UnitRun>();
  /** Taken in, not yet given to a worker. */
  readonly waiting: UnitInput[] = [];
  /** Given to a worker, not yet ended. */
  atWork = 0;
  readonly #waitingMax: number;
  #isExhausted = false;
  #isClosed = false;
  #room: (() => void) | undefined;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** True once the run takes nothing in and gives nothing out any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes units in until the source ends or the run is closed. `arrived` is told of each. */
  async takeIn(units: Iterable<UnitInput> | AsyncIterable<UnitInput>, arrived: () => void): Promise<void> {
    try {
      for await (const unit of units) {
        if (this.#isClosed) return;
        this.waiting.push(unit);
        arrived();
        await this.#hasRoom();
      }
      this.#isExhausted = true;
      this.#endIfDone();
    } catch (error) {
      this.close(error);
    }
  }

  /** The next units for a worker, in order. */
  take(count: number): UnitInput[] {
    const units = this.waiting.splice(0, count);
    this.atWork += units.length;
    this.#makeRoom();
    return units;
  }

  end(ended: UnitRun): void {
    this.atWork--;
    if (this.#isClosed) return;
    this.ends.push(ended);
    this.#endIfDone();
  }

  /** Returns everything that waits, for `cause`. What is at work is ended by its slot. */
  returnWaiting(cause: ReturnCause): void {
    for (const { index } of this.take(this.waiting.length)) {
      this.end({ index, outcome: { kind: 'returned', cause }, durationMs: 0 });
    }
  }

  close(error?: unknown): void {
    this.#isClosed = true;
    this.waiting.length = 0;
    this.ends.end(error);
    this.#makeRoom();
  }

  /** Called by the reader each time it has taken an end. */
  read(): void {
    this.#makeRoom();
  }

  #endIfDone(): void {
    if (this.#isExhausted && this.atWork === 0 && this.waiting.length === 0) this.close();
  }

  async #hasRoom(): Promise<void> {
    while (!this.#isClosed && (this.waiting.length >= this.#waitingMax || this.ends.length >= unreadMax)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#room = resolve;
      await promise;
    }
  }

  #makeRoom(): void {
    this.#room?.();
    this.#room = undefined;
  }
}
