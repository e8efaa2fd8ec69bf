import { systemRandom } from '@taika/runtime/random';
import postgres from 'postgres';

/** A pool of connections; a tagged template runs one statement. */
export type Sql = postgres.Sql<{ bigint: bigint }>;
/** One connection inside a transaction; what `inTransaction` gives. */
export type Transaction = postgres.TransactionSql<{ bigint: bigint }>;
/** What a query function takes when it does not mind whether a transaction is open. */
export type SqlOrTransaction = Sql | Transaction;

/** How `connect` behaves. */
export interface ConnectOptions {
  /** Connections at most. Default: 10. */
  readonly max?: number;
  /** Plans for the hot path: generic, by index, never by sequential scan or hash join, which the planner picks on a still empty table. */
  readonly hot?: boolean;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** A statement running longer is cancelled. Default: none. */
  readonly statementTimeoutMs?: number;
}

/**
 * Opens a pool; connections are made when first needed. In rows, column names are camelCase (`job_id` → `jobId`; in
 * `sql(object)` helpers back again; values inside JSON are left alone), `bigint` is a bigint, `timestamptz` a Date,
 * `date` the text `2026-01-31`, `numeric` a string (see `numericToBigint`), `bytea` a Buffer. A parameter must not be
 * undefined. Close it with `sql.end()`.
 */
export function connect(url: string, options: ConnectOptions): Sql {
  const { max = 10, hot = false, applicationName, statementTimeoutMs } = options;
  return postgres(url, {
    max,
    connect_timeout: 10,
    backoff: reconnectAfterSeconds,
    onnotice: () => {},
    types: { bigint: postgres.BigInt, date: dateAsText },
    transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } },
    connection: {
      application_name: applicationName,
      TimeZone: 'UTC',
      'taika.startup': flushedAtOnce,
      ...(statementTimeoutMs === undefined ? {} : { statement_timeout: statementTimeoutMs }),
      ...(hot ? hotPlans : {}),
    },
  }) as unknown as Sql;
}

/** An exact integer from a `numeric` column, such as a sum of fuel. Throws when it has a fraction. */
export function numericToBigint(numeric: string): bigint {
  const [whole = '', fraction = ''] = numeric.split('.');
  if (/[^0]/.test(fraction)) {
    throw new RangeError(`${numeric} is no integer.`);
  }
  return BigInt(whole);
}

/** A calendar day has no time zone, so it must not become a Date. */
const dateAsText = {
  to: 1082,
  from: [1082],
  serialize: (day: string) => day,
  parse: (day: string) => day,
};

/**
 * Makes the first message of a connection longer than the kilobyte from which the driver writes at once. Shorter ones wait
 * for its timer, and a connection that is lost while something waits never starts that timer again (seen in 3.4.9): its
 * place in the pool would be dead, each use of it a timeout. What waited goes out first, PostgreSQL refuses it as a
 * greeting, and the attempt after that is clean.
 */
const flushedAtOnce = 'x'.repeat(1024);

/**
 * How long a lost connection waits before it is opened again. The driver's own rule reaches 20 seconds, by which everything
 * stood still long after a restarted database was back.
 */
function reconnectAfterSeconds(attempts: number): number {
  return (0.5 + systemRandom.fraction() / 2) * Math.min(0.01 * 2 ** attempts, 0.5);
}

const hotPlans = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
};
