import type { OpenSandbox, Sandbox, SandboxOptions } from '@taika/runner/sandbox';

/** Sandboxes that stay open between the runs of a job: opening one costs more than a small run. */
export interface WarmSandboxes extends AsyncDisposable {
  /** The sandbox under a key, opened at the first call. It stays open at least until it is given back. */
  borrow(key: string, options: () => Promise<SandboxOptions>): Promise<BorrowedSandbox>;
  /** Closes those whose key is not wanted any more, as soon as nobody uses them. */
  forget(isOver: (key: string) => boolean): void;
  /** How strongly the last one opened is held; undefined before the first. */
  readonly level: number | undefined;
}

export interface BorrowedSandbox extends Disposable {
  readonly sandbox: Sandbox;
}

interface Entry {
  readonly opened: Promise<Sandbox>;
  users: number;
  usedAt: number;
  isOver: boolean;
}

/** Idle ones beyond this many are closed, the longest unused first: each holds a program and its files in memory. */
const idleMax = 2;

export function createWarmSandboxes(openSandbox: OpenSandbox): WarmSandboxes {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();
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
      if (entry.isOver || at >= idleMax) close(key, entry);
    }
  }

  return {
    async borrow(key, options) {
      const entry = entries.get(key) ?? { opened: open(options), users: 0, usedAt: 0, isOver: false };
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
      for (const [key, entry] of entries) entry.isOver ||= isOver(key);
      tidy();
    },
    get level() {
      return level;
    },
    async [Symbol.asyncDispose]() {
      for (const [key, entry] of entries) close(key, entry);
      await Promise.all(closing);
    },
  };
}
