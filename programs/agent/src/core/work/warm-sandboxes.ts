import type { OpenSandbox, Sandbox, SandboxOptions } from '@taika/runner/sandbox';
import type { Clock } from '@taika/runtime/clock';

/** Sandboxes that stay open between the runs of a job: opening one costs more than a small run. */
export interface WarmSandboxes extends AsyncDisposable {
  /**
   * The sandbox under a key, opened at the first call. It stays open at least until it is given back. An idle one that runs
   * the very same `program` is taken in place of a new one, of a job that is over first.
   */
  borrow(wanted: WantedSandbox): Promise<BorrowedSandbox>;
  /**
   * Of jobs that are over: closes those that are used as soon as they are given back, and the others a little later, because
   * each round of a job is a job of its own here, and the next may run the same program.
   */
  retire(isOver: (key: string) => boolean): void;
  /** Closes those whose key is not wanted any more, as soon as nobody uses them. */
  forget(isOver: (key: string) => boolean): void;
  /** How strongly the last one opened is held; undefined before the first. */
  readonly level: number | undefined;
}

export interface WantedSandbox {
  readonly key: string;
  /** What two jobs that share a sandbox must have alike: the rewritten program, the limits, the number of cores. */
  readonly program: string;
  readonly options: () => Promise<SandboxOptions>;
}

export interface BorrowedSandbox extends Disposable {
  readonly sandbox: Sandbox;
}

interface Entry {
  readonly program: string;
  readonly opened: Promise<Sandbox>;
  users: number;
  usedAt: number;
  isOver: boolean;
  /** Over, and kept for another job for a moment. */
  isSpare: boolean;
}

/** Idle ones beyond this many are closed, the longest unused first: each holds a program and its files in memory. */
const idleMax = 2;

/** The rounds of a job follow one another within seconds; a new process takes half a second. */
const spareMs = 10_000;

export function createWarmSandboxes(openSandbox: OpenSandbox, clock: Pick<Clock, 'sleep'>): WarmSandboxes {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();
  const disposed = new AbortController();
  let uses = 0;
  let level: number | undefined;

  async function open(options: () => Promise<SandboxOptions>): Promise<Sandbox> {
    const sandbox = await openSandbox(await options());
    level = sandbox.level;
    return sandbox;
  }

  function close(key: string, entry: Entry): void {
    entries.delete(key);
    const closed = entry.opened.then((sandbox) => sandbox[Symbol.asyncDispose]()).catch(() => {});
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  function tidy(): void {
    const idle = [...entries]
      .filter(([, entry]) => entry.users === 0)
      .sort(([, a], [, b]) => b.usedAt - a.usedAt);
    for (const [at, [key, entry]] of idle.entries()) {
      if ((entry.isOver && !entry.isSpare) || at >= idleMax) close(key, entry);
    }
  }

  function takeIdle({ program, options }: WantedSandbox): Promise<Sandbox> | undefined {
    const idle = [...entries].filter(([, entry]) => entry.users === 0 && entry.program === program);
    // A job that is not known to be over may still be: each round is a job of its own, and of some no end is told.
    const found = idle.find(([, { isSpare }]) => isSpare) ?? idle.find(([, { isOver }]) => !isOver);
    if (found === undefined) return undefined;
    const [key, { opened }] = found;
    entries.delete(key);
    return renewed(opened, options);
  }

  async function renewed(opened: Promise<Sandbox>, options: () => Promise<SandboxOptions>): Promise<Sandbox> {
    const sandbox = await opened;
    try {
      sandbox.renew((await options()).job);
      return sandbox;
    } catch {
      // It is of no use to anybody any more; a new one says what is wrong, if anything is.
      await sandbox[Symbol.asyncDispose]();
      return open(options);
    }
  }

  async function closeLater(key: string, entry: Entry): Promise<void> {
    try {
      await clock.sleep(spareMs, disposed.signal);
    } catch {
      // Disposed: everything was closed.
      return;
    }
    if (entry.isSpare && entries.get(key) === entry) close(key, entry);
  }

  return {
    async borrow(wanted) {
      const { key, program, options } = wanted;
      const entry = entries.get(key) ?? {
        program,
        opened: takeIdle(wanted) ?? open(options),
        ...{ users: 0, usedAt: 0, isOver: false, isSpare: false },
      };
      entry.isSpare = false;
      entries.set(key, entry);
      entry.users++;
      entry.usedAt = ++uses;
      let isBack = false;
      const giveBack = () => {
        if (isBack) return;
        isBack = true;
        entry.users--;
        tidy();
      };
      try {
        return { sandbox: await entry.opened, [Symbol.dispose]: giveBack };
      } catch (error) {
        // The next run tries anew.
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      }
    },
    forget(isOver) {
      for (const [key, entry] of entries) {
        if (!isOver(key)) continue;
        entry.isOver = true;
        entry.isSpare = false;
      }
      tidy();
    },
    retire(isOver) {
      for (const [key, entry] of entries) {
        if (entry.isOver || !isOver(key)) continue;
        entry.isOver = true;
        entry.isSpare = entry.users === 0;
        if (entry.isSpare) void closeLater(key, entry);
      }
      tidy();
    },
    get level() {
      return level;
    },
    async [Symbol.asyncDispose]() {
      disposed.abort();
      for (const [key, entry] of entries) close(key, entry);
      await Promise.all(closing);
    },
  };
}
