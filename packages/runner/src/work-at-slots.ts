import type { ReturnCause } from '@taika/wasm/outcome';
import type { UnitInput } from '@taika/wasm/unit';
import type { TicketedUnit } from './messages.ts';
import type { TicketEnd } from './reports.ts';
import type { Run } from './run.ts';

/** Work a slot should hold: enough that its worker never waits for a message, little enough to share out. */
const aheadMs = 20;
const batchUnitsMax = 128;
const batchBytesMax = 2 ** 20;

interface Held {
  readonly ticket: number;
  readonly index: number;
  readonly run: Run;
}

interface ParentSlot {
  held: Held[];
  /** When this slot last began work or reported: the watchdog's only knowledge. */
  signAt: number;
}

/** Which units are at which slot, as the parent knows it; pure bookkeeping, the sandbox does the sending. */
export class WorkAtSlots {
  readonly #slots: ParentSlot[];
  #nextTicket = 0;
  /** Typical duration of a unit, unknown at first. */
  #unitMs: number | undefined;

  constructor(parallel: number) {
    this.#slots = Array.from({ length: parallel }, () => ({ held: [], signAt: 0 }));
  }

  /** Slots that have something to do. */
  get busySlots(): number {
    return this.#slots.filter(({ held }) => held.length > 0).length;
  }

  get isIdle(): boolean {
    return this.#slots.every(({ held }) => held.length === 0);
  }

  /** Gives waiting units of the runs, in turn, to slots that are short of work. */
  share(runs: readonly Run[], now: number, give: (slot: number, units: TicketedUnit[]) => void): void {
    for (const [position, slot] of this.#slots.entries()) {
      for (const run of runs) {
        if (!this.#isShort(slot, now)) break;
        if (run.waiting.length > 0) give(position, this.#assign(slot, run, now));
      }
    }
  }

  /** Books a reported end. An unknown ticket is one that was cancelled while its report was under way. */
  end({ ticket, durationMs, outcome }: TicketEnd, now: number): void {
    for (const slot of this.#slots) {
      const position = slot.held.findIndex((held) => held.ticket === ticket);
      const held = slot.held[position];
      if (held === undefined) continue;
      slot.held.splice(position, 1);
      slot.signAt = now;
      this.#unitMs = this.#unitMs === undefined ? durationMs : 0.9 * this.#unitMs + 0.1 * durationMs;
      held.run.end({ index: held.index, outcome, durationMs });
      return;
    }
  }

  /** Ends what a run has at work, and says which tickets the runner should forget. */
  drop(run: Run, cause: ReturnCause): Set<number> {
    const tickets = new Set<number>();
    for (const slot of this.#slots) {
      const dropped = slot.held.filter((held) => held.run === run);
      slot.held = slot.held.filter((held) => held.run !== run);
      for (const held of dropped) {
        tickets.add(held.ticket);
        returnHeld(held, cause);
      }
    }
    return tickets;
  }

  /**
   * The runner is gone: everything it held is returned. In a slot that had been silent for too long it was
   * the first unit's time that ran out; all others only lost their runner.
   */
  loseAll(silentSince: number): void {
    for (const slot of this.#slots) {
      const isSilent = slot.signAt < silentSince;
      const { held } = slot;
      slot.held = [];
      for (const [position, unit] of held.entries()) {
        returnHeld(unit, isSilent && position === 0 ? 'time-limit' : 'runner-lost');
      }
    }
  }

  /** True if a slot with work has given no sign since `instant`. */
  isSilentSince(instant: number): boolean {
    return this.#slots.some(({ held, signAt }) => held.length > 0 && signAt < instant);
  }

  /** A silent slot gets nothing more: what is queued behind a long unit waits for all of it. */
  #isShort({ held, signAt }: ParentSlot, now: number): boolean {
    if (held.length === 0) return true;
    return this.#unitMs !== undefined && held.length * this.#unitMs < aheadMs && now - signAt < 5 * aheadMs;
  }

  #assign(slot: ParentSlot, run: Run, now: number): TicketedUnit[] {
    const units = run.take(this.#batchSize(run.waiting));
    const ticketed = units.map((unit) => ({ ...unit, ticket: this.#nextTicket++ % 2 ** 32 }));
    if (slot.held.length === 0) slot.signAt = now;
    slot.held.push(...ticketed.map(({ ticket, index }) => ({ ticket, index, run })));
    return ticketed;
  }

  /** About `aheadMs` of work, but never more than an even share of what waits, so that all slots get some. */
  #batchSize(waiting: readonly UnitInput[]): number {
    if (this.#unitMs === undefined) return 1;
    const byTime = Math.ceil(aheadMs / Math.max(this.#unitMs, 0.01));
    const evenShare = Math.ceil(waiting.length / this.#slots.length);
    const countMax = Math.min(byTime, evenShare, batchUnitsMax);
    let bytes = 0;
    let count = 0;
    while (count < countMax && bytes <= batchBytesMax) bytes += waiting[count++]?.input.length ?? 0;
    return Math.max(1, count);
  }
}

function returnHeld({ run, index }: Held, cause: ReturnCause): void {
  run.end({ index, outcome: { kind: 'returned', cause }, durationMs: 0 });
}
