import type { SandboxOptions, UnitRun } from '@taika/runner/sandbox';
import type { ReturnCause } from '@taika/wasm/outcome';
import type { JobEnvironment, UnitInput } from '@taika/wasm/unit';
import { PageJobError } from './page-job-error.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** Time for a worker's script to load and to compile a program. */
const startMsMax = 30_000;

/**
 * One worker, begun with its first unit, and begun anew after it was terminated: a unit that takes too long, or that nobody
 * wants any more, cannot be ended otherwise.
 */
export class WorkerSlot {
  readonly #createWorker: () => Worker;
  readonly #program: Pick<SandboxOptions, 'artefact' | 'limits'>;
  #job: JobEnvironment;
  #worker: Worker | undefined;
  #isBusy = false;
  /** Ends what is awaited of the worker. */
  #stop: ((cause: ReturnCause) => void) | undefined;

  constructor(createWorker: () => Worker, { job, ...program }: SandboxOptions) {
    this.#createWorker = createWorker;
    this.#program = program;
    this.#job = job;
  }

  /** What programs see from the next unit on. */
  renew(job: JobEnvironment): void {
    this.#job = job;
    if (this.#worker !== undefined) send(this.#worker, { kind: 'job', job });
  }

  /** Throws `PageJobError` when the worker cannot do its work. */
  async run(unit: UnitInput): Promise<UnitRun> {
    this.#isBusy = true;
    try {
      const ended = (await this.#start()) ?? (await this.#ask({ kind: 'unit', unit }, this.#timeMs));
      if (typeof ended === 'string')
        return { index: unit.index, outcome: { kind: 'returned', cause: ended }, durationMs: 0 };
      if (ended.kind !== 'ended') throw failed(`it answered ${ended.kind} to a unit`);
      return { index: unit.index, outcome: ended.outcome, durationMs: ended.durationMs };
    } finally {
      this.#isBusy = false;
    }
  }

  /** Ends the unit that is under way as `returned`, at once. */
  cancel(): void {
    if (!this.#isBusy) return;
    this.#stop?.('cancelled');
    this.#terminate();
  }

  close(): void {
    this.cancel();
    this.#terminate();
  }

  /** Has the worker know the program; says why it was terminated before it did. */
  async #start(): Promise<ReturnCause | undefined> {
    if (this.#worker !== undefined) return undefined;
    const { artefact, limits } = this.#program;
    this.#worker = begin(this.#createWorker);
    const told = await this.#ask({ kind: 'program', artefact, limits, job: this.#job }, startMsMax);
    if (told === 'time-limit') throw failed(`it was not ready within ${startMsMax / 1000} seconds`);
    return typeof told === 'string' ? told : undefined;
  }

  get #timeMs(): number {
    return this.#program.limits.durationMsMax;
  }

  /** The worker's next word; or why it was terminated before it. */
  async #ask(message: ToWorker, timeMs: number): Promise<FromWorker | ReturnCause> {
    const worker = this.#worker;
    if (worker === undefined) return 'cancelled';
    const { promise, resolve } = Promise.withResolvers<FromWorker | ReturnCause>();
    const timer = setTimeout(() => resolve('time-limit'), Math.min(timeMs, timerMsMax));
    this.#stop = resolve;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => resolve(data);
    worker.onmessageerror = () => resolve({ kind: 'failed', message: 'its answer could not be read' });
    worker.onerror = ({ message }) =>
      resolve({ kind: 'failed', message: message || 'its script did not load' });
    send(worker, message);
    const told = await promise;
    clearTimeout(timer);
    this.#stop = undefined;
    if (typeof told === 'string') this.#terminate();
    else if (told.kind === 'failed') {
      this.#terminate();
      throw failed(told.message);
    }
    return told;
  }

  #terminate(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

/** Longer timers end at once. */
const timerMsMax = 2 ** 31 - 1;

function begin(createWorker: () => Worker): Worker {
  try {
    return createWorker();
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error));
  }
}

function send(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}

function failed(why: string): PageJobError {
  return new PageJobError(
    'worker-failed',
    `The worker that computes units failed: ${why}.`,
    'Check that `createWorker` starts @taika/client/browser-worker and nothing else, in a browser built on Chromium.',
  );
}
