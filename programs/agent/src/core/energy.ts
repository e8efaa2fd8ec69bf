import { wattsPerCore } from './consent-text.ts';

/** How busy the machine was made lately, and what it cost in electricity, by the time that units took. */
export interface EnergyMeter {
  /** Takes the sum of all units' time so far. */
  note(busyMs: number, now: Date, monotonicMs: number): void;
  busyCores(monotonicMs: number): number;
  kWhToday(now: Date): number;
  readonly totals: EnergyTotals;
}

/** Kept over a restart. */
export interface EnergyTotals {
  /** The day in local time, as the member's calendar has it. */
  readonly day: string;
  readonly busyMs: number;
}

const windowMs = 60_000;

export function createEnergyMeter(before: EnergyTotals | undefined): EnergyMeter {
  let totals: EnergyTotals = before ?? { day: '', busyMs: 0 };
  let lastBusyMs = 0;
  const samples: { readonly atMs: number; readonly busyMs: number }[] = [];
  return {
    note(busyMs, now, monotonicMs) {
      const day = dayOf(now);
      const added = busyMs - lastBusyMs;
      lastBusyMs = busyMs;
      totals = totals.day === day ? { day, busyMs: totals.busyMs + added } : { day, busyMs: added };
      const last = samples.at(-1);
      // One sample a second is enough, however many units end in it.
      if (last === undefined || monotonicMs - last.atMs > 1000) samples.push({ atMs: monotonicMs, busyMs });
      while (samples[1] !== undefined && monotonicMs - samples[1].atMs > windowMs) samples.shift();
    },
    busyCores(monotonicMs) {
      const first = samples[0];
      if (first === undefined) return 0;
      const span = Math.max(1000, monotonicMs - first.atMs);
      return span > 2 * windowMs ? 0 : (lastBusyMs - first.busyMs) / span;
    },
    kWhToday: (now) => (totals.day === dayOf(now) ? (totals.busyMs / 3_600_000) * (wattsPerCore / 1000) : 0),
    get totals() {
      return totals;
    },
  };
}

function dayOf(now: Date): string {
  return `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`;
}
