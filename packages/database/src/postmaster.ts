import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { platform } from 'node:os';
import { systemClock } from '@taika/runtime/clock';
import type { Logger } from '@taika/runtime/logger';
import postgres from 'postgres';
import { type Cluster, identity, postgresEnvironment } from './cluster.ts';
import {
  hasPostmasterFile,
  isPostmasterAlive,
  readPostmasterFile,
  removeStalePostmasterFile,
} from './postmaster-file.ts';
import { sqlState } from './transaction.ts';

/** How the server process is started. */
export interface PostmasterOptions {
  readonly port: number | undefined;
  readonly settings: Readonly<Record<string, string>> | undefined;
  readonly log: Logger;
}

/**
 * Resolves when a PostgreSQL answers on this cluster, started by us or by anybody. Starters need no lock of their own:
 * PostgreSQL makes `postmaster.pid` exclusively, so of two servers one ends at once, and its starter adopts the other.
 */
export async function startPostmaster(
  cluster: Cluster,
  options: PostmasterOptions,
): Promise<{ port: number; adopted: boolean }> {
  const deadlineMs = systemClock.monotonicMs() + startDeadlineMs;
  let port = options.port;
  let child: ChildProcess | undefined;
  while (systemClock.monotonicMs() < deadlineMs) {
    const file = await readPostmasterFile(cluster.data);
    if (file !== undefined) {
      const answer = await ask(cluster, file.port);
      if (answer === 'ours') {
        return { port: file.port, adopted: child?.pid !== file.pid };
      }
      if (
        child?.pid !== file.pid &&
        answer !== 'starting' &&
        !(await isPostmasterAlive(cluster.data, file.pid))
      ) {
        options.log.warn({ pid: file.pid }, 'PostgreSQL was killed; its data is recovered now.');
        await removeStalePostmasterFile(cluster.data, file);
      }
    } else if (child === undefined || hasEnded(child)) {
      if (child !== undefined) {
        await explainEnd(cluster, child);
      }
      port = await freePort(port, options.log);
      child = await spawnPostmaster(cluster, port, options.settings ?? {});
    }
    await systemClock.sleep(pollMs);
  }
  throw new Error(`PostgreSQL did not start within ${startDeadlineMs / 1000} s. ${await logTail(cluster)}`);
}

/** Stops the cluster's PostgreSQL in order, whoever started it: transactions that are open are rolled back. */
export async function stopPostmaster(cluster: Cluster): Promise<void> {
  const file = await readPostmasterFile(cluster.data);
  if (file === undefined) {
    return;
  }
  if (platform() === 'win32') {
    spawn(cluster.binaries.pg_ctl, ['stop', '-D', cluster.data, '-m', 'fast'], { stdio: 'ignore' });
  } else {
    signal(file.pid, 'SIGINT');
  }
  const deadlineMs = systemClock.monotonicMs() + stopDeadlineMs;
  // Its process may linger as a zombie where nobody collects it (containers), so the file is the sign, not the process.
  while ((await hasPostmasterFile(cluster.data)) && (await isPostmasterAlive(cluster.data, file.pid))) {
    if (systemClock.monotonicMs() > deadlineMs) {
      throw new Error(`PostgreSQL (process ${file.pid}) did not stop within ${stopDeadlineMs / 1000} s.`);
    }
    await systemClock.sleep(pollMs);
  }
}

const pollMs = 20;
/** Recovery after a crash replays at most `max_wal_size`; that is seconds, on a slow disk a minute. */
const startDeadlineMs = 180_000;
const stopDeadlineMs = 60_000;
const logBytesMax = 10 * 1024 * 1024;

/** Durable and modest. Measured: a WAL of 1 GB spares checkpoints under load, a short nap keeps small hot tables small. */
const serverSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // A socket's path must be shorter than 108 bytes, which a deep directory is not. Loopback and a password do.
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '1GB',
  autovacuum_naptime: '10s',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

async function spawnPostmaster(
  cluster: Cluster,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const pairs = Object.entries({ ...serverSettings, ...settings, port: String(port) });
  const log = await openLog(cluster.logFile);
  try {
    const child = spawn(
      cluster.binaries.postgres,
      ['-D', cluster.data, ...pairs.flatMap(([k, v]) => ['-c', `${k}=${v}`])],
      {
        cwd: '/',
        env: postgresEnvironment,
        // A file, not a pipe: it must go on writing when we are gone.
        stdio: ['ignore', log.fd, log.fd],
        // A session of its own: Ctrl-C in our terminal must not stop it before we have finished with it.
        detached: true,
        ...identity(cluster.account),
      },
    );
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

async function openLog(path: string) {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > logBytesMax) {
    await rename(path, `${path}.1`);
  }
  return open(path, 'a', 0o600);
}

/** Who answers on the port: our server, our server not yet or no longer (`starting`), or nobody of ours. */
async function ask(cluster: Cluster, port: number): Promise<'ours' | 'starting' | 'nobody'> {
  const { user, password } = cluster;
  const sql = postgres({
    host: '127.0.0.1',
    port,
    database: 'postgres',
    user,
    password,
    max: 1,
    connect_timeout: 5,
    onnotice: () => {},
  });
  try {
    const [row] = await sql`select current_setting('data_directory') as data`;
    return row?.data === cluster.data ? 'ours' : 'nobody';
  } catch (error) {
    // 57P03: starting up, recovering or shutting down.
    return sqlState(error) === '57P03' ? 'starting' : 'nobody';
  } finally {
    await sql.end({ timeout: 0 });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A server that lost the race for the directory or the port ends by itself and is simply tried again. Anything else is for the operator. */
async function explainEnd(cluster: Cluster, child: ChildProcess): Promise<void> {
  const tail = await logTail(cluster);
  if (
    !/lock file "postmaster\.pid" already exists|could not bind|Address already in use|address in use/i.test(
      tail,
    )
  ) {
    throw new Error(
      `PostgreSQL ended with ${child.exitCode ?? child.signalCode} instead of starting. ${tail}`,
    );
  }
}

async function logTail({ logFile }: Cluster): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return `Its log (${logFile}) ends: ${text.slice(-1500).trim()}`;
}

/** The wanted port when it is free, else any free one. Somebody may take it before the server does; then the next round finds another. */
async function freePort(wanted: number | undefined, log: Logger): Promise<number> {
  const port = await tryPort(wanted ?? 0);
  if (port !== undefined) {
    return port;
  }
  const other = await tryPort(0);
  if (other === undefined) {
    throw new Error('There is no free port on 127.0.0.1.');
  }
  log.warn({ wanted, port: other }, `Port ${wanted} is taken, so PostgreSQL uses ${other}.`);
  return other;
}

function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}
