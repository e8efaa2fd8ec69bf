import type { AuditReason } from '@taika/trust/event';

/** How long a copy may lie with the terminal that was chosen for it before the reference executor computes it. */
export interface PartnerWait {
  /** From the order on, whatever else the terminal has to do. */
  readonly atLeastMs: number;
  /** More for this copy, and as much for each that waits for the terminal before it. */
  readonly eachMs: number;
}

/**
 * A terminal computes its copies one after the other, after what it is at: a wait that is the same for all of them would
 * send most of a flush to the reference executor. A machine four times slower than the reference is waited for. Who is
 * not heard of is not waited for (`silentMs`).
 */
export function partnerWait({
  reason,
  runMs,
}: {
  readonly reason: AuditReason;
  readonly runMs: number;
}): PartnerWait {
  return {
    atLeastMs: reason === 'flush' ? flushWaitMs : ordinaryWaitMs,
    eachMs: Math.round(slowFactor * Math.min(Math.max(runMs, runMsMin), runMsMax)),
  };
}

/** What one core of the reference machine needs for a result. */
export function runMsOf(fuel: bigint, referenceFuelPerSecond: bigint): number {
  return (Number(fuel) / Number(referenceFuelPerSecond)) * 1_000;
}

/** Nobody waits for it but the run itself. */
const ordinaryWaitMs = 120_000;
/** At a job's end its customer waits. */
const flushWaitMs = 20_000;
/** Speeds differ by about so much (docs/TRUST.md, the model). */
const slowFactor = 4;
/** A call for each copy, however small. */
const runMsMin = 1_000;
/** A result that claims hours of fuel must not hold its job up for days. */
const runMsMax = 3_600_000;

/** An agent that computes calls every 15 s (come-back.ts): one that was not heard of for so long is switched off. */
export const silentMs = { flush: 30_000, ordinary: ordinaryWaitMs } as const;
