import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { FrameReader, frame } from './frames.ts';
import { lowerPriority } from './lower-priority.ts';
import { encodeOrder, type Order } from './messages.ts';
import { decodeReport, type Report } from './reports.ts';
import type { Command } from './runner-command.ts';
import type { SandboxOptions } from './sandbox.ts';

/** What happens to a living runner. `lost` comes exactly once, and last. */
export interface RunnerEvents {
  report(report: Report): void;
  lost(reason: string): void;
}

/** Long enough for a full machine on which we come last. */
const startMsMax = 120_000;
const startsAtEaseMs = 1000;
/** What is kept of a runner's own complaints, for the message when it dies. */
const complaintCharactersMax = 4000;

/** One life of a runner process. It ends when it is killed, when it breaks the protocol, or by itself. */
export class RunnerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #closed = Promise.withResolvers<void>();
  #complaint = '';

  constructor(command: Command, options: SandboxOptions, events: RunnerEvents) {
    // Its own session: Ctrl-C in a terminal must reach the parent alone, and its priority is its own. No environment:
    // Node would read it.
    this.#child = spawn(command.file, command.args, {
      env: {},
      cwd: dirname(process.execPath),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    if (options.priority !== 'ordinary') this.#lowerPriority();
    const { outputBytesMax, logBytesMax } = options.limits;
    const reports = new FrameReader(2 * (outputBytesMax + logBytesMax) + 2 ** 20, (message) =>
      events.report(decodeReport(message)),
    );
    this.#child.stdout.on('data', (chunk: Buffer) => {
      try {
        reports.push(chunk);
      } catch (error) {
        this.#complain(`It broke the protocol: ${error}`);
        this.kill();
      }
    });
    this.#child.stderr.on('data', (chunk: Buffer) => this.#complain(chunk.toString()));
    // A write to a dead runner fails too; its end is reported by 'close'.
    this.#child.stdin.on('error', () => {});
    let isLost = false;
    const lose = (reason: string) => {
      if (!isLost) events.lost(`${reason} ${this.#complaint}`.trim());
      isLost = true;
      this.#closed.resolve();
    };
    this.#child.on('error', (error) => lose(`The runner did not start: ${error.message}.`));
    this.#child.on('close', (code, signal) => lose(`The runner ended (${signal ?? `exit code ${code}`}).`));
  }

  /** Used by tests and logs only: who the runner is. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(order: Order): void {
    this.#child.stdin.write(frame(encodeOrder(order)));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Kills it and waits until nothing of it is left. */
  async end(): Promise<void> {
    this.kill();
    await this.#closed.promise;
  }

  /** Node starts first, for a second at the most: behind a full machine it would take a minute. */
  #lowerPriority(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const timer = setTimeout(() => void lowerPriority(pid), startsAtEaseMs);
    this.#child.once('close', () => clearTimeout(timer));
  }

  #complain(text: string): void {
    this.#complaint = (this.#complaint + text).slice(-complaintCharactersMax);
  }
}

/** The machine was too busy to start a runner. It says nothing about what the machine offers. */
export class RunnerLateError extends Error {
  override readonly name = 'RunnerLateError';

  constructor() {
    super(`The runner was not ready within ${startMsMax / 1000} seconds.`);
  }
}

/** Starts a runner and waits until it has compiled the program. Rejects with the runner's own words. */
export async function startRunner(
  command: Command,
  options: SandboxOptions,
  events: RunnerEvents,
): Promise<RunnerProcess> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isReady = false;
  const runner = new RunnerProcess(command, options, {
    report(report) {
      if (report.kind === 'ended') return isReady ? events.report(report) : undefined;
      if (report.kind === 'refused') return reject(new Error(report.reason));
      isReady = true;
      resolve();
    },
    lost(reason) {
      if (isReady) events.lost(reason);
      else reject(new Error(reason));
    },
  });
  const patience = setTimeout(() => reject(new RunnerLateError()), startMsMax);
  const { artefact, job, limits, parallel } = options;
  runner.send({ kind: 'open', setup: { artefact, job, limits, parallel } });
  try {
    await promise;
    return runner;
  } catch (error) {
    runner.kill();
    throw error;
  } finally {
    clearTimeout(patience);
  }
}
