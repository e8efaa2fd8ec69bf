import type { PrivateJwk } from '@taika/crypto/keys';
import type { Sql } from '@taika/database/connect';
import type { StatementBodyText } from '@taika/protocol/statements';
import type { Clock } from '@taika/runtime/clock';

/** What a side needs to state its events. Its database has a view `own_event` of them. */
export interface StatementBooks {
  readonly sql: Sql;
  readonly clock: Clock;
  /** How this side is called in statements: `contractor`, or the vendor's id. */
  readonly self: string;
  readonly party: StatementBodyText['party'];
  readonly key: PrivateJwk;
}

/** A day is stated an hour after its end: clocks differ, and a transaction takes time. */
export const stateAfterMs = 3_600_000;

export const dayMs = 86_400_000;

/** The first instant of a day. */
export function startOfDay(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** The day of an instant, in UTC. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** The last day that can be stated at `now`. */
export function lastStatedDay(now: Date): string {
  return dayOf(new Date(now.getTime() - stateAfterMs - dayMs));
}
