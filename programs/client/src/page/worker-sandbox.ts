import { Channel } from '@taika/runner/channel';
import type { OpenSandbox, Sandbox, SandboxOptions, UnitRun } from '@taika/runner/sandbox';
import type { JobEnvironment, UnitInput } from '@taika/wasm/unit';
import { WorkerSlot } from './worker-slot.ts';

/** Sandboxes made of a page's workers. The browser is what holds them: to us they are of level 0. */
export function workerSandboxes(createWorker: () => Worker): OpenSandbox {
  return async (options) => new WorkerSandbox(createWorker, options);
}

class WorkerSandbox implements Sandbox {
  readonly level = 0;
  readonly #slots: WorkerSlot[];
  #isRunning = false;

  constructor(createWorker: () => Worker, options: SandboxOptions) {
    this.#slots = Array.from({ length: options.parallel }, () => new WorkerSlot(createWorker, options));
  }

  async *run(
    units: Iterable<UnitInput> | AsyncIterable<UnitInput>,
    signal?: AbortSignal,
  ): AsyncGenerator<UnitRun, void, undefined> {
    if (this.#isRunning) throw new Error('A run is under way, and its units have all workers.');
    if (signal?.aborted) return;
    this.#isRunning = true;
    const ends = new Channel<UnitRun>();
    const source = inTurn(units);
    let isOver = false;
    const end = () => {
      isOver = true;
      for (const slot of this.#slots) slot.cancel();
      ends.end();
    };
    signal?.addEventListener('abort', end, { once: true });
    const work = this.#slots.map(async (slot) => {
      for (;;) {
        const next = await source.next();
        if (next.done === true || isOver) return;
        ends.push(await slot.run(next.value));
      }
    });
    Promise.all(work).then(
      () => ends.end(),
      (error) => ends.end(error),
    );
    try {
      yield* ends;
    } finally {
      signal?.removeEventListener('abort', end);
      end();
      this.#isRunning = false;
    }
  }

  renew(job: JobEnvironment): void {
    for (const slot of this.#slots) slot.renew(job);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const slot of this.#slots) slot.close();
  }
}

/** One source for all slots: each asks for its next unit, and they are answered in turn. */
async function* inTurn(
  units: Iterable<UnitInput> | AsyncIterable<UnitInput>,
): AsyncGenerator<UnitInput, void, undefined> {
  yield* units;
}
