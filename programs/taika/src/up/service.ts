import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError } from '@taika/cli/command-error';

export interface ServiceOptions {
  readonly name: string;
  /** A Node program and its arguments; started with this same Node. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** Whether it serves now, as the process with this number. Asked again and again until it says yes. */
  readonly isReady: (pid: number | undefined) => Promise<boolean>;
  /** Told when it ended by itself and was started again. */
  readonly onRestart: (name: string) => void;
}

/** A program that is kept running: one that dies is started again, one that was stopped in order is not. */
export interface Service extends AsyncDisposable {
  readonly pid: number | undefined;
  /** Ends it in order; it stays down until `start`. */
  stop(): Promise<void>;
  /** Starts one that was stopped; resolves when it serves. */
  start(): Promise<void>;
}

const readyWithinMs = 60_000;
const probeEveryMs = 50;
/** Doubles with each end in a row; a program that served is forgiven. */
const restartAfterMs = 200;
const restartAfterMsMax = 5_000;
/** How often a program that was killed before it served is started again. */
const killedWhileStartingMax = 5;
/** Servers close their books within a second or two; then they are ended. */
const stopWithinMs = 10_000;

/**
 * Starts a program and keeps it running. It gets a process group of its own, so that a Ctrl-C reaches only us
 * and everything is stopped in order, and an IPC channel by whose end it notices that we are gone.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  await mkdir(dirname(options.logFile), { recursive: true, mode: 0o700 });
  let kept = await keepRunning(options);
  return {
    get pid() {
      return kept.pid;
    },
    stop: () => kept.stop(),
    async start() {
      kept = await keepRunning(options);
    },
    [Symbol.asyncDispose]: () => kept.stop(),
  };
}

async function keepRunning(options: ServiceOptions): Promise<Pick<Service, 'pid' | 'stop'>> {
  let child = launch(options);
  let isStopping = false;
  let endsInARow = 0;
  const keep = async () => {
    while (!isStopping) {
      if (!hasEnded(child)) await once(child, 'exit');
      // Exit code 0: somebody stopped it in order (`taika agent stop`), and that is respected.
      if (isStopping || child.exitCode === 0) return;
      await pause(Math.min(restartAfterMsMax, restartAfterMs * 2 ** endsInARow));
      endsInARow += 1;
      if (isStopping) return;
      child = launch(options);
      const launched = child;
      options.onRestart(options.name);
      void waitUntilReady(options, launched).then(
        () => {
          endsInARow = 0;
        },
        () => {},
      );
    }
  };
  try {
    for (let killed = 0; ; killed += 1) {
      const ready = await waitUntilReady(options, child).then(
        () => ({ error: undefined }),
        (error: unknown) => ({ error }),
      );
      if (ready.error === undefined) break;
      // An exit code is the program's own word that it cannot start. A signal is somebody else's doing.
      if (child.signalCode === null || killed === killedWhileStartingMax) throw ready.error;
      child = launch(options);
      options.onRestart(options.name);
    }
  } catch (cause) {
    isStopping = true;
    child.kill('SIGKILL');
    throw new CommandError(`The ${options.name} did not start.\n${await lastLines(options.logFile)}`, {
      code: 'service',
      remedy: `Read ${options.logFile}.`,
      exitCode: 1,
      cause,
    });
  }
  void keep();
  return {
    get pid() {
      return child.pid;
    },
    async stop() {
      isStopping = true;
      await stop(child);
    },
  };
}

function launch({ command, environment, logFile }: ServiceOptions): ChildProcess {
  const child = spawn(process.execPath, [...command], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...environment },
  });
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  // A log that cannot be written (a full disk) must not end us, and its program must not wait for a reader.
  log.on('error', () => {
    child.stdout?.resume();
    child.stderr?.resume();
  });
  child.once('close', () => log.end());
  child.on('error', (error) => log.write(`${error.message}\n`));
  return child;
}

async function waitUntilReady({ isReady }: ServiceOptions, child: ChildProcess): Promise<void> {
  const end = performance.now() + readyWithinMs;
  while (performance.now() < end) {
    if (await isReady(child.pid).catch(() => false)) return;
    if (hasEnded(child)) throw new Error('It ended by itself.');
    await pause(probeEveryMs);
  }
  throw new Error(`It was not ready within ${readyWithinMs} ms.`);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await ended;
  clearTimeout(timer);
}

async function lastLines(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-8).join('\n');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
