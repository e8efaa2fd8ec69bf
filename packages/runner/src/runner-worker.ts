import { parentPort, workerData } from 'node:worker_threads';
import { runUnit } from '@taika/wasm/run-unit';
import type { JobEnvironment, UnitLimits } from '@taika/wasm/unit';
import { dropWorkerRights } from './confinement.ts';
import { decodeUnits } from './messages.ts';
import { encodeReport, type TicketEnd } from './reports.ts';

/** What a worker is born with. */
export interface WorkerSetup {
  readonly kind: 'taika-runner';
  readonly module: WebAssembly.Module;
  job: JobEnvironment;
  readonly limits: UnitLimits;
  /** Element 0 counts the units that this worker has begun; the runner reads it while the worker is busy. */
  readonly begun: Int32Array<SharedArrayBuffer>;
}

/**
 * A worker's message to the runner: a report ready to be sent on, and the number of ends in it. The first one
 * holds none and says that the worker has started.
 */
export interface WorkerMessage {
  readonly count: number;
  readonly report: Uint8Array<ArrayBuffer>;
}

/** Ends are handed on in groups, since a message costs more than a small unit. */
const groupMs = 10;
const groupBytesMax = 256 * 1024;

/** The life of a worker: batches come in, groups of ends go out. */
export function runnerWorkerMain(): void {
  if (parentPort === null) throw new Error('A runner worker must be a worker.');
  const port = parentPort;
  dropWorkerRights();
  const { module, limits, begun } = workerData as WorkerSetup;
  let { job } = workerData as WorkerSetup;
  let ends: TicketEnd[] = [];
  let bytes = 0;
  let handedOnAt = performance.now();

  function handOn(now: number): void {
    const report = encodeReport({ kind: 'ended', ends });
    const message: WorkerMessage = { count: ends.length, report };
    port.postMessage(message, [report.buffer]);
    ends = [];
    bytes = 0;
    handedOnAt = now;
  }

  port.on('message', (message: Uint8Array | { readonly job: JobEnvironment }) => {
    if (!(message instanceof Uint8Array)) {
      job = message.job;
      return;
    }
    for (const unit of decodeUnits(message)) {
      Atomics.add(begun, 0, 1);
      const startedAt = performance.now();
      const outcome = runUnit(module, unit, job, limits);
      const now = performance.now();
      ends.push({ ticket: unit.ticket, durationMs: now - startedAt, outcome });
      if (outcome.kind === 'completed') bytes += outcome.output.length + outcome.stderr.length;
      if (now - handedOnAt > groupMs || bytes > groupBytesMax) handOn(now);
    }
    if (ends.length > 0) handOn(performance.now());
  });
  handOn(performance.now());
}
