import type { Clock } from '@taika/runtime/clock';

/** The member's machine: a wall clock that can be set, a counter that cannot, and things that happen at an instant. */
export interface ModelMachine {
  /** Real time, which only the servers know. */
  readonly realMs: number;
  readonly clock: Clock;
  /** How far the wall clock is off. */
  offsetMs: number;
  /** Something that is to happen once, after so many milliseconds; a new plan of the same name replaces it. */
  plan(name: string, afterMs: number, happen: () => void): void;
  cancel(...names: readonly string[]): void;
  /** Lets time pass, with everything that is planned in it. `after` is called after each happening. */
  pass(ms: number, after: () => void): void;
}

export function createModelMachine(): ModelMachine {
  const startMs = Date.UTC(2026, 10, 1);
  const plans = new Map<string, { readonly atMs: number; readonly happen: () => void }>();
  let realMs = startMs;
  const machine: ModelMachine = {
    offsetMs: 0,
    get realMs() {
      return realMs;
    },
    clock: {
      now: () => new Date(realMs + machine.offsetMs),
      monotonicMs: () => realMs - startMs,
      sleep: () => Promise.reject(new Error('The model plans; it does not sleep.')),
    },
    plan(name, afterMs, happen) {
      plans.set(name, { atMs: realMs + Math.max(1, afterMs), happen });
    },
    cancel(...names) {
      for (const name of names) plans.delete(name);
    },
    pass(ms, after) {
      const endMs = realMs + ms;
      for (;;) {
        const [next] = [...plans].sort(([, a], [, b]) => a.atMs - b.atMs);
        if (next === undefined || next[1].atMs > endMs) break;
        plans.delete(next[0]);
        realMs = next[1].atMs;
        next[1].happen();
        after();
      }
      realMs = endMs;
      after();
    },
  };
  return machine;
}
