import { Worker } from 'node:worker_threads';
import type { ReturnCause } from '@taika/wasm/outcome';
import type { JobEnvironment } from '@taika/wasm/unit';
import { encodeUnits, type TicketedUnit } from './messages.ts';
import type { TicketEnd } from './reports.ts';
import type { WorkerMessage, WorkerSetup } from './runner-worker.ts';

/** What a slot needs of the runner around it. */
export interface SlotHost {
  readonly entryFile: string;
  readonly setup: Omit<WorkerSetup, 'begun'>;
  /** Sends a finished report to the parent. */
  forward(report: Uint8Array): void;
  /** Reports one unit that the slot itself had to end. */
  end(end: TicketEnd): void;
  /** Called when a worker did not stop in time: only the end of the process can stop it now. */
  giveUp(): void;
}

/** A worker that is asked to stop does so in 2 ms, unless the engine is compiling a huge function. */
const stopMsMax = 800;

/**
 * One worker and the units it holds, in the order it runs them. When a unit must be stopped its worker dies;
 * a new one takes over the units that it had not reported.
 */
export class Slot {
  readonly #host: SlotHost;
  readonly #ready = Promise.withResolvers<void>();
  #worker: Worker | undefined;
  #held: TicketedUnit[] = [];
  #begun = new Int32Array(new SharedArrayBuffer(4));
  /** Units that the present worker has reported; with `#begun` it tells which unit is running. */
  #reported = 0;
  #seenBegun = 0;
  /** The time as `keepTime` was told it last: it stands still while the machine serves others. */
  #now = 0;
  #seenAt = 0;
  /** Since when a worker that was told to stop has not. */
  #stoppingSince: number | undefined;

  constructor(host: SlotHost) {
    this.#host = host;
    this.#start();
  }

  /** Settled once the first worker can take units. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  run(units: readonly TicketedUnit[]): void {
    this.#held.push(...units);
    this.#post(units);
  }

  /** Whether a thread of this slot wants a processor. */
  get isBusy(): boolean {
    return this.#held.length > 0 || this.#stoppingSince !== undefined;
  }

  /**
   * Ends the running unit if it has used up its time. To be called often. Time runs from a unit's own beginning,
   * never while a new worker is still starting; `now` is in milliseconds from anywhere, and may stand still.
   */
  keepTime(now: number, durationMsMax: number): void {
    this.#now = now;
    if (this.#stoppingSince !== undefined && now - this.#stoppingSince > stopMsMax) this.#host.giveUp();
    const begun = Atomics.load(this.#begun, 0);
    if (begun !== this.#seenBegun || begun === this.#reported) {
      this.#seenBegun = begun;
      this.#seenAt = now;
    } else if (now - this.#seenAt > durationMsMax) this.#stopRunning('time-limit');
  }

  /** Drops the units of these tickets without a report, stopping the one that runs if it is among them. */
  cancel(tickets: ReadonlySet<number>): void {
    if (!this.#held.some(({ ticket }) => tickets.has(ticket))) return;
    this.#held = this.#held.filter(({ ticket }) => !tickets.has(ticket));
    this.#replaceWorker();
  }

  /** Units that come after this see another environment. None may be held. */
  renew(job: JobEnvironment): void {
    this.#worker?.postMessage({ job });
  }

  #start(): void {
    this.#begun = new Int32Array(new SharedArrayBuffer(4));
    this.#reported = 0;
    this.#seenBegun = 0;
    this.#seenAt = this.#now;
    const workerData: WorkerSetup = { ...this.#host.setup, begun: this.#begun };
    const worker = new Worker(this.#host.entryFile, { workerData, env: {}, resourceLimits: workerHeap });
    worker.on('message', (message: WorkerMessage) => {
      if (worker === this.#worker) this.#take(message);
    });
    worker.on('error', (error) => {
      if (worker === this.#worker) this.#fail(error);
    });
    this.#worker = worker;
    this.#post(this.#held);
  }

  #post(units: readonly TicketedUnit[]): void {
    if (units.length === 0) return;
    const batch = encodeUnits(units);
    this.#worker?.postMessage(batch, [batch.buffer]);
  }

  #take({ count, report }: WorkerMessage): void {
    this.#ready.resolve();
    if (count === 0) return;
    this.#held.splice(0, count);
    this.#reported += count;
    this.#host.forward(report);
  }

  #fail(error: unknown): void {
    const isMemory = (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (!isMemory) console.error(error);
    // A worker that cannot even start would be replaced for ever.
    if (Atomics.load(this.#begun, 0) === 0) {
      this.#host.giveUp();
      return;
    }
    this.#stopRunning(isMemory ? 'host-memory' : 'runner-lost');
  }

  /** The running unit is returned. Those before it are done but unreported, and are simply run again. */
  #stopRunning(cause: ReturnCause): void {
    const running = Math.max(0, Atomics.load(this.#begun, 0) - this.#reported - 1);
    const [unit] = this.#held.splice(running, 1);
    if (unit !== undefined) {
      const durationMs = this.#now - this.#seenAt;
      this.#host.end({ ticket: unit.ticket, durationMs, outcome: { kind: 'returned', cause } });
    }
    this.#replaceWorker();
  }

  #replaceWorker(): void {
    const old = this.#worker;
    this.#worker = undefined;
    const since = this.#now;
    this.#stoppingSince ??= since;
    old?.terminate().finally(() => {
      if (this.#stoppingSince === since) this.#stoppingSince = undefined;
    });
    this.#start();
  }
}

/**
 * JavaScript's own heap in a worker is small: programs live in linear memory and outputs in array buffers. The
 * code range, for compiled JavaScript alone, would by default take 128 MiB of the kernel's data limit each.
 */
const workerHeap = {
  maxOldGenerationSizeMb: 192,
  maxYoungGenerationSizeMb: 32,
  codeRangeSizeMb: 16,
} as const;
