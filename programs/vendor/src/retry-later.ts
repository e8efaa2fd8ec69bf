import { backoffMs } from '@taika/runtime/backoff';
import type { Random } from '@taika/runtime/random';

/** When a row whose step failed is tried again: within a second at first, later up to five minutes apart, with full jitter. */
export function nextAttemptAt(attempts: number, now: Date, random: Random): Date {
  return new Date(now.getTime() + 250 + backoffMs(attempts, { baseMs: 1000, capMs: 300_000 }, random));
}
