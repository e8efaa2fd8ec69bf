import type { Logger } from '@taika/runtime/logger';
import { silentLogger } from '@taika/runtime/logger';
import { type Cluster, openCluster } from './cluster.ts';
import { type Keeper, keep } from './keeper.ts';
import { startPostmaster, stopPostmaster } from './postmaster.ts';

/** How the embedded PostgreSQL is started. */
export interface EmbeddedOptions {
  /** Holds everything: data, password, log. Made when it does not exist. */
  readonly directory: string;
  /** Wanted port on 127.0.0.1. Another one is taken, and logged, when it is in use. By default a free one is chosen. */
  readonly port?: number;
  readonly log?: Logger;
  /** More server settings, over ours: `{ shared_buffers: '1GB' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running PostgreSQL of our own. */
export interface EmbeddedPostgres extends AsyncDisposable {
  readonly port: number;
  /** True when it was running already: started by another program, or left behind by one that was killed. */
  readonly adopted: boolean;
  /** The URL of one of its databases, password included. */
  url(database: string): string;
  /** Makes a database unless it exists. */
  createDatabase(name: string): Promise<void>;
  /** Lets go of it; the last program to let go stops it in order. Close your own connections first. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on a directory, or adopts the one that runs there. Durable: fsync and checksums are on, and a kill −9
 * of this process, of PostgreSQL, or of both loses nothing acknowledged.
 *
 * It runs in a session of its own, so a Ctrl-C meant for us does not stop it before we have closed our books. Programs
 * that share it each hold a lock inside it (see keeper.ts); whoever dies lets go of it without a trace.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { log = silentLogger } = options;
  const cluster = await openCluster(options.directory);
  for (let attempt = 1; ; attempt++) {
    const { port, adopted } = await startPostmaster(cluster, {
      port: options.port,
      settings: options.settings,
      log,
    });
    try {
      const keeper = await keep(urlOf(cluster, port, 'postgres'));
      log.info(
        { port, adopted, directory: cluster.directory },
        adopted ? 'PostgreSQL was running.' : 'PostgreSQL runs.',
      );
      return embedded(cluster, port, adopted, keeper);
    } catch (error) {
      // Its last user stopped it while we came in. It is down, or will be; start it anew.
      if (attempt === 5) {
        throw error;
      }
    }
  }
}

function embedded(cluster: Cluster, port: number, adopted: boolean, keeper: Keeper): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    if (await keeper.letGo()) {
      await stopPostmaster(cluster);
    }
    await keeper.close();
  };
  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  return {
    port,
    adopted,
    url: (database) => urlOf(cluster, port, database),
    createDatabase: (name) => keeper.createDatabase(name),
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgres://${cluster.user}:${cluster.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}
