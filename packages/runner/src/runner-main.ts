import { isMainThread, workerData } from 'node:worker_threads';
import type { JobEnvironment } from '@taika/wasm/unit';
import { assertConfined, dropSignals } from './confinement.ts';
import { FrameReader, frame } from './frames.ts';
import { decodeOrder, type Order, type RunnerSetup } from './messages.ts';
import { encodeReport, type Report, type TicketEnd } from './reports.ts';
import { runnerWorkerMain, type WorkerSetup } from './runner-worker.ts';
import { Slot } from './slot.ts';
import { StarvedTime } from './starved-time.ts';

/** The first argument that makes a program act as a runner. */
export const runnerArgument = 'taika-runner';
/** Second argument of a runner that is allowed to run without Node's permission model. */
export const unconfinedArgument = 'unconfined';

/** True in the process and in the workers of a runner: a bundled program asks this before anything else. */
export function isRunner(): boolean {
  if (!isMainThread) return (workerData as { kind?: unknown } | null)?.kind === runnerArgument;
  return process.argv[2] === runnerArgument;
}

/**
 * The whole life of a runner process, or of one of its workers. Orders come as frames on stdin, reports leave
 * on stdout. `entryFile` is the file that was started: its workers start it again.
 */
export function runnerMain(entryFile: string): void {
  if (isMainThread) runProcess(entryFile);
  else runnerWorkerMain();
}

function runProcess(entryFile: string): void {
  let slots: Slot[] = [];
  let setupOfWorkers: Omit<WorkerSetup, 'begun'> | undefined;
  // The parent is gone, or this process is in a state that nobody foresaw: leave nothing behind, whatever the workers do.
  const end = dropSignals();
  const send = (message: Uint8Array) => process.stdout.write(frame(message));
  const report = (told: Report) => send(encodeReport(told));

  async function open(setup: RunnerSetup): Promise<void> {
    if (process.argv[3] !== unconfinedArgument) assertConfined();
    const { limits } = setup;
    // Workers start the same file and need none of this.
    const { admitArtefact } = await import('@taika/wasm/admit-artefact');
    admitArtefact(setup.artefact);
    const module = await WebAssembly.compile(setup.artefact as Uint8Array<ArrayBuffer>);
    setupOfWorkers = { kind: runnerArgument, module, job: withSharedFiles(setup.job), limits };
    const host = {
      entryFile,
      setup: setupOfWorkers,
      forward: send,
      end: (ended: TicketEnd) => report({ kind: 'ended', ends: [ended] }),
      giveUp: end,
    };
    slots = Array.from({ length: setup.parallel }, () => new Slot(host));
    const period = Math.min(250, Math.max(10, limits.durationMsMax / 20));
    const starved = new StarvedTime();
    setInterval(() => {
      const { user, system } = process.cpuUsage();
      starved.note(performance.now(), (user + system) / 1000, slots.filter(({ isBusy }) => isBusy).length);
      const now = performance.now() - starved.ms;
      for (const slot of slots) slot.keepTime(now, limits.durationMsMax);
    }, period);
    await Promise.all(slots.map((slot) => slot.ready));
    report({ kind: 'ready' });
  }

  /** For the workers that there are, and for those that take their place. */
  function renew(job: JobEnvironment): void {
    if (setupOfWorkers !== undefined) setupOfWorkers.job = job;
    for (const slot of slots) slot.renew(job);
  }

  function obey(order: Order): void {
    if (order.kind === 'open') {
      open(order.setup).catch((error) => report({ kind: 'refused', reason: String(error) }));
    } else if (order.kind === 'run') slots[order.slot]?.run(order.units);
    else if (order.kind === 'renew') renew(withSharedFiles(order.job));
    else for (const slot of slots) slot.cancel(order.tickets);
  }

  const orders = new FrameReader(orderBytesMax, (message) => obey(decodeOrder(message)));
  process.stdin.on('data', (chunk: Buffer) => orders.push(chunk));
  process.stdin.on('end', end);
  process.stdin.on('error', end);
  process.stdout.on('error', end);
}

/** Orders come from our own parent; the bound only keeps a broken length from filling the memory. */
const orderBytesMax = 2 ** 32 - 1;

function withSharedFiles(job: JobEnvironment): JobEnvironment {
  return { ...job, files: new Map([...job.files].map(([name, bytes]) => [name, shared(bytes)])) };
}

/** Bytes that all workers see without a copy each. */
function shared(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
