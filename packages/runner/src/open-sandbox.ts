import type { JobEnvironment, UnitInput } from '@taika/wasm/unit';
import { processTreeMs } from './process-tree-time.ts';
import type { Report } from './reports.ts';
import { Run } from './run.ts';
import { type Level, ownRunnerEntry, type RunnerEntry, runnerCommand } from './runner-command.ts';
import { RunnerLateError, type RunnerProcess, startRunner } from './runner-process.ts';
import type { OpenSandbox, Sandbox, SandboxOptions, UnitRun } from './sandbox.ts';
import { StarvedTime } from './starved-time.ts';
import { WorkAtSlots } from './work-at-slots.ts';

/**
 * Opens a sandbox at the strongest level this machine offers, by trying: a tool that exists may still be
 * forbidden to work. Rejects if the program is refused or cannot be compiled, or no level works.
 */
export const openSandbox: OpenSandbox = (options) => openSandboxFrom(ownRunnerEntry(), options);

/** The same with another file as the runner, for a bundle whose entry is elsewhere. */
export async function openSandboxFrom(entry: RunnerEntry, options: SandboxOptions): Promise<Sandbox> {
  const failures: unknown[] = [];
  for (const level of levelsFrom(options.levelMax ?? 3)) {
    const sandbox = new NodeSandbox(entry, options, level);
    try {
      await sandbox.start();
      return sandbox;
    } catch (error) {
      failures.push(error);
      // A program that is refused or that no engine compiles fails alike at every level.
      if (/AdmissionError|CompileError/.test(String(error))) break;
      // A busy machine is no reason for weaker walls.
      if (error instanceof RunnerLateError) break;
    }
  }
  throw new AggregateError(failures, `No runner could be opened: ${failures.map(String).join(' ')}`);
}

/** Downwards to 1: level 0 is no protection and only used where it is asked for by name. */
function levelsFrom(levelMax: Level): Level[] {
  if (levelMax === 0) return [0];
  return ([3, 2, 1] as const).filter((level) => level <= levelMax);
}

const unitsAheadPerWorker = 256;
/** A worker's own time limit should have ended the unit long before this share of it. */
const watchdogFactor = 1.2;
/** Time for a new worker to start and for reports to arrive, so that short limits make no nervous watchdog. */
const watchdogGraceMs = 700;
const startAttemptsMax = 3;

class NodeSandbox implements Sandbox {
  readonly level: Level;
  readonly #entry: RunnerEntry;
  #options: SandboxOptions;
  readonly #work: WorkAtSlots;
  readonly #starved = new StarvedTime();
  #runs: Run[] = [];
  #runner: RunnerProcess | undefined;
  #starting: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(entry: RunnerEntry, options: SandboxOptions, level: Level) {
    this.#entry = entry;
    this.#options = options;
    this.level = level;
    this.#work = new WorkAtSlots(options.parallel);
  }

  /** The runner's process, for tests that kill it and for logs. */
  get pid(): number | undefined {
    return this.#runner?.pid;
  }

  async *run(
    units: Iterable<UnitInput> | AsyncIterable<UnitInput>,
    signal?: AbortSignal,
  ): AsyncGenerator<UnitRun, void, undefined> {
    const run = new Run(unitsAheadPerWorker * this.#options.parallel);
    const cancel = () => this.#cancel(run);
    this.#runs.push(run);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      if (signal?.aborted || this.#isDisposed) return;
      void run.takeIn(units, () => this.#pump());
      for await (const ended of run.ends) {
        run.read();
        yield ended;
      }
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#cancel(run);
    }
  }

  renew(job: JobEnvironment): void {
    if (this.#runs.length > 0) throw new Error('A run is under way, and its units see their own job.');
    if (job.programHash !== this.#options.job.programHash) throw new Error('A sandbox runs one program.');
    // A runner that is started anew begins with it; the one that lives is told.
    this.#options = { ...this.#options, job };
    this.#runner?.send({ kind: 'renew', job });
  }

  async start(): Promise<void> {
    const command = runnerCommand(this.level, this.#entry, this.#options);
    if (command === undefined) throw new Error(`This machine has no tools for level ${this.level}.`);
    const options = this.#options;
    const runner = await startRunner(command, options, {
      report: (report) => this.#take(report),
      lost: () => this.#lose(),
    });
    if (this.#isDisposed) {
      runner.kill();
      return;
    }
    if (options !== this.#options) runner.send({ kind: 'renew', job: this.#options.job });
    this.#runner = runner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    for (const run of this.#runs) this.#cancel(run);
    clearInterval(this.#watch);
    await this.#starting?.catch(() => {});
    await this.#runner?.end();
  }

  /** Gives work out wherever a slot is short of it, starting a new runner first if the last one died. */
  #pump(): void {
    if (this.#runner === undefined) {
      this.#restart();
      return;
    }
    this.#work.share(this.#runs, this.#now(), (slot, given) => {
      this.#runner?.send({ kind: 'run', slot, units: given });
    });
    if (this.#work.isIdle || this.#watch !== undefined) return;
    this.#noteStarved(0);
    this.#watch = setInterval(() => this.#watchOver(), this.#watchPeriodMs);
  }

  #restart(): void {
    if (this.#isDisposed || this.#starting !== undefined) return;
    if (this.#runs.every((run) => run.waiting.length === 0)) return;
    this.#starting = this.#startPatiently()
      .catch((error) => {
        for (const run of this.#runs) run.close(error);
      })
      .finally(() => {
        this.#starting = undefined;
        this.#pump();
      });
  }

  async #startPatiently(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.start();
      } catch (error) {
        if (attempt === startAttemptsMax) throw error;
      }
    }
  }

  #take(report: Report): void {
    if (report.kind !== 'ended') return;
    const now = this.#now();
    for (const ended of report.ends) this.#work.end(ended, now);
    this.#pump();
  }

  #lose(): void {
    this.#runner = undefined;
    this.#work.loseAll(this.#silentSince());
    this.#pump();
  }

  #watchOver(): void {
    if (this.#work.isIdle) {
      clearInterval(this.#watch);
      this.#watch = undefined;
      return;
    }
    this.#noteStarved(this.#work.busySlots);
    if (this.#work.isSilentSince(this.#silentSince())) this.#runner?.kill();
  }

  #silentSince(): number {
    return this.#now() - watchdogFactor * this.#options.limits.durationMsMax - watchdogGraceMs;
  }

  #noteStarved(busy: number): void {
    const { pid } = this.#runner ?? {};
    const processorMs = pid === undefined ? undefined : processTreeMs(pid);
    if (processorMs !== undefined) this.#starved.note(performance.now(), processorMs, busy);
  }

  /** Stands still while the machine serves others: what waits for a processor is not silent. */
  #now(): number {
    return performance.now() - this.#starved.ms;
  }

  get #watchPeriodMs(): number {
    return Math.min(1000, Math.max(20, this.#options.limits.durationMsMax / 20));
  }

  /** Ends a run at once; its workers are stopped behind it. Does nothing to a run that is over. */
  #cancel(run: Run): void {
    this.#runs = this.#runs.filter((other) => other !== run);
    if (run.isClosed && run.atWork === 0) return;
    run.returnWaiting('cancelled');
    const tickets = this.#work.drop(run, 'cancelled');
    if (tickets.size > 0) this.#runner?.send({ kind: 'cancel', tickets });
    run.close();
    this.#pump();
  }
}
