import { connect } from 'node:net';
import { startEmbeddedPostgres } from '@taika/database/embedded';

/** A PostgreSQL of our own that is kept running: one that was killed is started again on the same port. */
export interface KeptPostgres extends AsyncDisposable {
  readonly adopted: boolean;
  url(database: string): string;
}

const lookEveryMs = 1000;
/** While it cannot be started, the wait between attempts doubles up to so many times the usual one. */
const lookSeldomest = 30;

/** Starts it with these databases. Looks once a second whether it still answers, because it runs apart from us. */
export async function keepPostgres(options: {
  readonly directory: string;
  readonly databases: readonly string[];
  readonly onRestart: () => void;
  /** Told when it cannot be started again; it is tried again all the same. */
  readonly onTrouble: (error: unknown) => void;
}): Promise<KeptPostgres> {
  let postgres = await startEmbeddedPostgres({ directory: options.directory });
  try {
    for (const name of options.databases) await postgres.createDatabase(name);
  } catch (error) {
    await postgres.stop().catch(() => {});
    throw error;
  }
  const { port, adopted } = postgres;
  const stopping = new AbortController();
  const restart = async () => {
    const dead = postgres;
    postgres = await startEmbeddedPostgres({ directory: options.directory, port });
    await dead.stop().catch(() => {});
    options.onRestart();
  };
  const look = { isThere: () => answers(port), restart, onTrouble: options.onTrouble };
  const watching = watch(stopping.signal, look);
  return {
    adopted,
    url: (database) => postgres.url(database),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await watching;
      await postgres.stop();
    },
  };
}

/**
 * Looks again and again whether it is there, and restarts it where it is not. A restart that fails (a full disk) is
 * told once and tried again, each time later, until it succeeds.
 */
export async function watch(
  stopping: AbortSignal,
  {
    isThere,
    restart,
    onTrouble,
    everyMs = lookEveryMs,
  }: {
    readonly isThere: () => Promise<boolean>;
    readonly restart: () => Promise<void>;
    readonly onTrouble: (error: unknown) => void;
    readonly everyMs?: number;
  },
): Promise<void> {
  let failures = 0;
  while (!stopping.aborted) {
    await pause(Math.min(everyMs * 2 ** failures, everyMs * lookSeldomest), stopping);
    if (stopping.aborted) return;
    try {
      if (!(await isThere())) await restart();
      failures = 0;
    } catch (error) {
      if (failures === 0) onTrouble(error);
      failures += 1;
    }
  }
}

/** Whether something takes connections there. A server that recovers does, and refuses queries; that is alive. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function pause(ms: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stopping.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
