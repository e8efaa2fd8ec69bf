import { connect } from 'node:net';
import { startEmbeddedPostgres } from '@taika/database/embedded';

/** A PostgreSQL of our own that is kept running: one that was killed is started again on the same port. */
export interface KeptPostgres extends AsyncDisposable {
  readonly adopted: boolean;
  url(database: string): string;
}

const lookEveryMs = 1000;

/** Starts it with these databases. Looks once a second whether it still answers, because it runs apart from us. */
export async function keepPostgres(options: {
  readonly directory: string;
  readonly databases: readonly string[];
  readonly onRestart: () => void;
}): Promise<KeptPostgres> {
  let postgres = await startEmbeddedPostgres({ directory: options.directory });
  for (const name of options.databases) await postgres.createDatabase(name);
  const { port, adopted } = postgres;
  const stopping = new AbortController();
  const watching = watch(stopping.signal, port, async () => {
    const dead = postgres;
    postgres = await startEmbeddedPostgres({ directory: options.directory, port });
    await dead.stop();
    options.onRestart();
  });
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

async function watch(stopping: AbortSignal, port: number, restart: () => Promise<void>): Promise<void> {
  while (!stopping.aborted) {
    await pause(lookEveryMs, stopping);
    if (!stopping.aborted && !(await answers(port))) await restart();
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
