import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { connect, type Sql } from '@taika/database/connect';
import { startEmbeddedPostgres } from '@taika/database/embedded';
import { migrate } from '@taika/database/migrate';
import { waitForDatabase } from '@taika/database/wait-for-database';
import { listen } from '@taika/http/listen';
import { createHttpServer } from '@taika/http/server';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { parseMoney } from '@taika/ledger/money';
import { limits } from '@taika/protocol/limits';
import type { Clock } from '@taika/runtime/clock';
import type { Logger } from '@taika/runtime/logger';
import type { Random } from '@taika/runtime/random';
import type { FastifyInstance } from 'fastify';
import { createDispatchGatekeeper } from './access/authenticate.ts';
import { ensureOperatorKey, operatorKeyFile } from './access/operator-key.ts';
import { createDispatchRouter } from './access/router.ts';
import { loadSecrets } from './access/secrets.ts';
import type { DispatchContext } from './context.ts';
import { startLoops } from './loops.ts';
import { dispatchMigrations } from './migrations.ts';
import { publishFirstRates } from './rates/publish-rates.ts';
import { registerRoutes } from './routes.ts';
import { type DispatchSettings, defaultPort } from './settings.ts';
import { createPresence } from './terminals/presence.ts';
import { readStandings } from './terminals/queries.ts';
import { createStandingCache } from './terminals/standing-cache.ts';
import { startWork } from './work.ts';

/** What the composition root is given: the only place that knows the real clock and randomness is its caller. */
export interface DispatchOptions {
  readonly settings: DispatchSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told in a sentence what the operator should know, such as another port. */
  readonly say?: (sentence: string) => void;
}

/** A dispatch server that runs. Disposal lets running requests and steps end. */
export interface DispatchServer extends AsyncDisposable {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly context: DispatchContext;
  readonly operatorKeyFile: string;
}

/** A probe that hangs tells an orchestrator less than one that fails. */
const readinessMs = 1_000;

/** Connections of the hot path: feed, claim and report each have one batch in flight. */
const hotConnections = 4;

/** Starts everything: database, migrations, keys, routes, loops; then listens. What was started is stopped again when a later part fails. */
export async function startDispatchServer(options: DispatchOptions): Promise<DispatchServer> {
  const { settings, clock, random, log, say = () => {} } = options;
  await using started = new AsyncDisposableStack();
  const dataDirectory = resolve(settings.data);
  await mkdir(dataDirectory, { recursive: true });
  const databaseUrl = settings.databaseUrl ?? (await startDatabase(dataDirectory, started, log));
  const sql = open(started, databaseUrl, { max: settings.connections });
  const hotSql = open(started, databaseUrl, { max: hotConnections, hot: true });
  await waitForDatabase(sql);
  await migrate(sql, ledgerMigrations);
  await migrate(sql, dispatchMigrations);

  const now = clock.now();
  const { secrets, key } = await loadSecrets(sql, { now, random });
  const { name, currency, registrationNumber, address, country } = settings;
  const contractor = {
    name,
    key,
    currency,
    jobLimitMilli: parseMoney(String(settings.jobLimit), currency),
    registrationNumber,
    address,
    country,
  };
  const operatorKeyHash = await ensureOperatorKey({ sql, dataDirectory, now, random, log });
  await publishFirstRates({ sql, clock, contractor }, settings.rates);

  let publicUrl = settings.publicUrl;
  const context: DispatchContext = {
    sql,
    hotSql,
    clock,
    random,
    log,
    replica: settings.replica,
    dataDirectory,
    publicUrl: () => publicUrl ?? '',
    contractor,
    secrets,
    retentionDays: settings.retentionDays,
    allowInnerWebhooks: settings.webhooks === 'any',
    standing: createStandingCache((terminalNumbers) => readStandings(sql, terminalNumbers), clock),
    presence: createPresence(),
  };
  const app = createHttpServer({
    name: 'dispatch',
    log,
    bodyBytesMax: limits.jsonBodyBytesMax,
    openapi: { title: 'Taika dispatch server', version },
    readiness: () => waitForDatabase(sql, { timeoutMs: readinessMs }),
  });
  const route = createDispatchRouter(app, createDispatchGatekeeper(context, operatorKeyHash));
  registerRoutes(route, context, version);
  const work = started.use(
    await startWork(context, {
      url: settings.blobs,
      endpoint: settings.blobsEndpoint,
      region: settings.blobsRegion,
    }),
  );
  work.registerRoutes(route);
  started.use(startLoops(context));
  started.defer(() => app.close());
  const listening = await listen(app, {
    host: settings.host,
    port: settings.port,
    otherPortAllowed: settings.port === defaultPort,
    say,
  });
  publicUrl ??= listening.url;
  if (settings.publicUrl === undefined && anyAddress.has(settings.host)) {
    say(
      `Terminals on other machines are sent to ${listening.url}, which is not theirs to reach: set --public-url.`,
    );
  }
  log.info({ url: listening.url }, 'The dispatch server listens.');
  const running = started.move();
  return {
    url: listening.url,
    app,
    context,
    operatorKeyFile: operatorKeyFile(dataDirectory),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Listening on all addresses says nothing about the one that others use. */
const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** The version that `/v1/contractor` and OpenAPI name. */
const version = '0.1.0';

async function startDatabase(
  dataDirectory: string,
  started: AsyncDisposableStack,
  log: Logger,
): Promise<string> {
  const postgres = started.use(
    await startEmbeddedPostgres({ directory: join(dataDirectory, 'database'), log }),
  );
  await postgres.createDatabase('dispatch');
  return postgres.url('dispatch');
}

function open(
  started: AsyncDisposableStack,
  url: string,
  { max, hot = false }: { readonly max: number; readonly hot?: boolean },
): Sql {
  const sql = connect(url, { max, hot, applicationName: hot ? 'taika dispatch hot' : 'taika dispatch' });
  started.defer(() => sql.end({ timeout: 5 }));
  return sql;
}
