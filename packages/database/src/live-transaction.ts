import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Sql, Transaction } from './connect.ts';

/**
 * Begins a transaction, runs `work` and commits; rolls back when it throws. Rejects as soon as the connection is lost.
 *
 * The driver opens a lost connection again in place, and what is still said through the transaction's own handle would
 * run on the new one: outside of any transaction, or inside a stranger's. Work that was waiting for a file or for
 * another connection would so write half of what it meant (a job that runs without its units was seen), and its
 * rollback would be a stranger's. So the handle is dead from the loss on: it throws, and the end of the work says nothing more.
 */
export async function runTransaction<T>(
  sql: Sql,
  options: string,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const life: Life = { isLost: false };
  try {
    return (await sql.begin(options, (tx) => untilLost(life, work(onlyAlive(tx, life))))) as T;
  } finally {
    life.isLost = true;
  }
}

interface Life {
  /** True from the moment the transaction is over, committed, rolled back or lost with its connection. */
  isLost: boolean;
}

/**
 * The outcome of the work while its connection lives; afterwards a promise that never settles, on which the driver would
 * otherwise say `commit` or `rollback`. A failure waits a turn, because a lost connection fails its statement first and is
 * known as lost only then; where the failure speaks of a loss, it waits until the loss is known, since a `rollback`
 * written into a closing connection would be found there by the one that is opened in its place.
 */
function untilLost<T>(life: Life, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(
      (value) => {
        if (!life.isLost) resolve(value);
      },
      async (error) => {
        await (isLossOfConnection(error) ? sleep(lossMsMax, undefined, { ref: false }) : nextTurn());
        if (!life.isLost) reject(error);
      },
    );
  });
}

/** By then the end of a connection whose backend said goodbye was seen long ago; the loss was another connection's. */
const lossMsMax = 1000;

/** The driver's own words for a connection that is gone, and PostgreSQL's: shutdown, crash, terminated by an operator. */
function isLossOfConnection(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|57P0|08)/.test(code);
}

/** The transaction's handle, which throws once the transaction is over. */
function onlyAlive(tx: Transaction, life: Life): Transaction {
  const check = () => {
    if (life.isLost) throw new TransactionOverError();
  };
  return new Proxy(tx, {
    apply(target, self, args) {
      check();
      return Reflect.apply(target, self, args);
    },
    get(target, name) {
      check();
      return Reflect.get(target, name);
    },
  });
}

/** Something was said in a transaction that was over: its connection was lost, and all that it wrote was rolled back. */
export class TransactionOverError extends Error {
  override readonly name = 'TransactionOverError';

  constructor() {
    super('The transaction is over: its connection was lost, and nothing of it was written.');
  }
}
