import type { Clock } from '@taika/runtime/clock';
import { systemClock } from '@taika/runtime/clock';
import type { Sql } from './connect.ts';
import { sqlState } from './transaction.ts';

/** How long to wait for a database. */
export interface WaitOptions {
  /** Default: 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** A database that cannot be used; the message is a sentence for the operator. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  readonly forOperator = true;
}

/** Resolves when the database answers. A wrong password, user or database name is reported at once, a database out of reach after `timeoutMs`. */
export async function waitForDatabase(sql: Sql, options: WaitOptions = {}): Promise<void> {
  const { timeoutMs = 30_000, signal, clock = systemClock } = options;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    try {
      await sql`select 1`;
      return;
    } catch (error) {
      if (isHopeless(error) || clock.monotonicMs() >= deadlineMs) {
        throw new DatabaseUnavailableError(explain(sql, error), { cause: error });
      }
    }
    await clock.sleep(250, signal);
  }
}

/** Wrong credentials (28), a database that does not exist (3D000): waiting does not mend them. */
function isHopeless(error: unknown): boolean {
  const state = sqlState(error) ?? '';
  return state.startsWith('28') || state === '3D000';
}

function explain(sql: Sql, error: unknown): string {
  const { host, port, database } = sql.options;
  const place = `The database "${database}" at ${host.join(',')}:${port.join(',')}`;
  const said = error instanceof Error ? error.message || String(error) : String(error);
  if (sqlState(error)?.startsWith('28')) {
    return `${place} refused the user or password: ${said}. Check --database-url.`;
  }
  if (sqlState(error) === '3D000') {
    return `${place} does not exist. Create it, or check --database-url.`;
  }
  return `${place} does not answer: ${said}. Check that it runs and can be reached, or check --database-url.`;
}
