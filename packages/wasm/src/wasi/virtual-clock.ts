import { errno } from './errno.ts';
import type { Host, HostCalls } from './host-calls.ts';

/** 2020-01-01T00:00:00Z in nanoseconds. Fixed: a real date would tell terminals apart. */
const epochNs = 1_577_836_800_000_000_000n;
/** Every reading moves the clock by this much, so that loops that wait for time to pass end. */
const stepNs = 1000n;
const lastNs = 2n ** 64n - 1n;
const clockCount = 4;

/**
 * The program's only clock: it starts at a fixed instant and moves by one microsecond with every reading and
 * by the whole time of every sleep. All four WASI clocks show it. Times are a function of the calls made.
 */
export class VirtualClock {
  #nowNs = epochNs;

  read(): bigint {
    this.advanceTo(this.#nowNs + stepNs);
    return this.#nowNs;
  }

  advanceTo(instantNs: bigint): void {
    // Stays at the last instant that 64 bits can say, instead of beginning anew.
    if (instantNs > this.#nowNs) this.#nowNs = instantNs < lastNs ? instantNs : lastNs;
  }
}

export function clockCalls(host: Host, clock: VirtualClock): HostCalls {
  return {
    clock_time_get(clockId: number, _precision: bigint, out: number) {
      if (clockId >>> 0 >= clockCount) return errno.invalid;
      host.memory.writeU64(out, clock.read());
      return errno.success;
    },
    clock_res_get(clockId: number, out: number) {
      if (clockId >>> 0 >= clockCount) return errno.invalid;
      host.memory.writeU64(out, stepNs);
      return errno.success;
    },
    sched_yield: () => errno.success,
  };
}
