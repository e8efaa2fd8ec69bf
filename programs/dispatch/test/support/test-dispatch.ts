import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '@taika/database/test-database';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { type Clock, systemClock } from '@taika/runtime/clock';
import { type Logger, silentLogger } from '@taika/runtime/logger';
import { systemRandom } from '@taika/runtime/random';
import { readSettings } from '@taika/runtime/settings';
import { dispatchMigrations } from '../../src/migrations.ts';
import { type DispatchServer, startDispatchServer } from '../../src/server.ts';
import { dispatchSettings } from '../../src/settings.ts';

/** A dispatch server of one test: real HTTP, real PostgreSQL, its own database and data directory. */
export interface TestDispatch extends AsyncDisposable {
  readonly server: DispatchServer;
  readonly url: string;
  readonly operatorKey: string;
  /** Starts another replica on the same database. */
  startReplica(replica: number): Promise<DispatchServer>;
}

/** Starts a server on a free port with the demonstration tariff: 1 JPY and 0.5 points for 10^9 fuel, 10 % tax. */
export async function startTestDispatch({
  clock = systemClock,
  ...flags
}: {
  clock?: Clock;
  /** Another database than one that is made for it, such as by the URL of another role. */
  databaseUrl?: string;
  name?: string;
  registrationNumber?: string;
  currency?: string;
  blobs?: string;
  webhooks?: 'public' | 'any';
  blobsEndpoint?: string;
} = {}): Promise<TestDispatch> {
  await using started = new AsyncDisposableStack();
  const database = started.use(
    await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] }),
  );
  const data = await mkdtemp(join(tmpdir(), 'taika-dispatch-'));
  started.defer(() => rm(data, { recursive: true, force: true }));
  const start = (replica: number) =>
    startDispatchServer({
      settings: readSettings(dispatchSettings, {
        flags: { port: 0, data, databaseUrl: database.url, rates: 'demo', connections: 5, replica, ...flags },
      }),
      clock,
      random: systemRandom,
      log: failuresOnly,
    });
  const server = started.use(await start(1));
  const operatorKey = (await readFile(server.operatorKeyFile, 'utf8')).trim();
  const running = started.move();
  return {
    server,
    url: server.url,
    operatorKey,
    startReplica: start,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What goes wrong inside a server must be seen in the test that made it go wrong. */
const failuresOnly: Logger = { ...silentLogger, error: (fields, message) => console.error(message, fields) };
