import type { Clock } from '@taika/runtime/clock';

/** Whether the dispatch server has heard from this terminal since the start. */
export interface Introduction {
  /** Resolves at the first attempt to call it, answered or not, and after a while in any case. */
  readonly over: Promise<void>;
  end(): void;
}

/** A server that neither answers nor refuses must not keep a license from being asked for. */
const patienceMs = 5000;

export function createIntroduction(clock: Clock): Introduction {
  const ended = new AbortController();
  return {
    over: clock.sleep(patienceMs, ended.signal).catch(() => {}),
    end: () => ended.abort(),
  };
}
