import { join } from 'node:path';
import { apiKeyHash } from '@taika/crypto/api-key';
import { ensureApiKeyFile } from '@taika/crypto/node-key-file';
import { connect, type Sql } from '@taika/database/connect';
import { startEmbeddedPostgres } from '@taika/database/embedded';
import { migrate } from '@taika/database/migrate';
import { inTransaction } from '@taika/database/transaction';
import { waitForDatabase } from '@taika/database/wait-for-database';
import { createGuardedRouter } from '@taika/http/access';
import { listen } from '@taika/http/listen';
import { createHttpServer } from '@taika/http/server';
import { sealChain } from '@taika/ledger/chain';
import { limits } from '@taika/protocol/limits';
import { type Clock, systemClock } from '@taika/runtime/clock';
import type { Logger } from '@taika/runtime/logger';
import { type Loop, type StepOutcome, startLoop } from '@taika/runtime/loop';
import { type Random, systemRandom } from '@taika/runtime/random';
import type { FastifyInstance } from 'fastify';
import { createVendorGatekeeper } from './access/authenticate.ts';
import { deleteExpired } from './access/queries.ts';
import { registerBookRoutes } from './books/routes.ts';
import { registerCatalogueRoutes } from './catalogue/routes.ts';
import { answerClaimsStep } from './claim-documents/answer-claims.ts';
import { registerClaimDocumentRoutes } from './claim-documents/routes.ts';
import { createClaimsStep } from './claims/claim-license-fees.ts';
import { registerClaimRoutes } from './claims/routes.ts';
import type { LoopName, VendorContext } from './context.ts';
import { createDispatchClient } from './dispatch-client.ts';
import { ensureIdentity, type Identity } from './identity.ts';
import { registerLicenseRoutes } from './licenses/routes.ts';
import { registerMemberPaymentRoutes } from './member-payments/routes.ts';
import { registerMemberRoutes } from './members/routes.ts';
import { allMigrations } from './migrations.ts';
import { registerOrderRoutes } from './orders/routes.ts';
import { ordersStep } from './orders/settle-orders.ts';
import { registerRefundRoutes } from './refunds/routes.ts';
import { refundsStep } from './refunds/settle-refund.ts';
import { registrationsStep } from './registrations/confirm-registration.ts';
import { registerRegistrationRoutes } from './registrations/routes.ts';
import { registerReleaseRoutes } from './releases/routes.ts';
import { registerServiceRoutes } from './services/routes.ts';
import { defaultPort, type VendorSettings } from './settings.ts';
import { exchangeStatementsStep } from './statements/exchange.ts';
import { registerVendorStatementRoutes } from './statements/routes.ts';
import { registerUsageRoutes } from './usage/routes.ts';
import { version } from './version.ts';

/** How a vendor server is started. */
export interface VendorServerOptions {
  readonly settings: VendorSettings;
  readonly log: Logger;
  /** Default: the machine's own. */
  readonly clock?: Clock;
  /** Default: the machine's own. */
  readonly random?: Random;
  /** Told, in a sentence, what the person at the terminal should know: the address, a port that was taken. */
  readonly say?: (sentence: string) => void;
  /** Default: true. A test that drives the steps itself runs none. */
  readonly loops?: boolean;
}

/** A running vendor server; disposing stops it gracefully. */
export interface VendorServer extends AsyncDisposable {
  readonly url: string;
  readonly identity: Identity;
  readonly operatorKeyFile: string;
  /** For tests, which look at the books and drive the loops. */
  readonly context: VendorContext;
  readonly app: FastifyInstance;
}

/** Starts everything in order: database, migrations, identity, routes, loops; listens last, so that who is answered is served. */
export async function startVendorServer(options: VendorServerOptions): Promise<VendorServer> {
  const { settings, log, clock = systemClock, random = systemRandom, say = () => {} } = options;
  await using stack = new AsyncDisposableStack();
  const sql = await openDatabase(stack, settings, log);
  const identity = identityAs(settings, await ensureIdentity(settings.data, { now: clock.now(), random }));
  const operatorKeyFile = join(settings.data, 'vendor-operator.key');
  // Replacing the file and restarting replaces the key.
  const operatorKeyHash = await apiKeyHash(await ensureApiKeyFile(operatorKeyFile, 'operator', random));
  const loops = new Map<LoopName, Loop>();
  const context: VendorContext = {
    sql,
    clock,
    random,
    log,
    name: settings.name,
    identity,
    party: partyOf(settings),
    dispatch: createDispatchClient({ dispatchUrl: settings.dispatchUrl, identity, clock, random }),
    dispatchUrl: settings.dispatchUrl,
    filesDirectory: join(settings.data, 'files'),
    orderValidMs: settings.orderValid,
    usageBillValidMs: settings.usageBillValid,
    claimReviewMs: settings.claimReview,
    kick: (loop) => loops.get(loop)?.kick(),
  };
  const app = createApp(context, operatorKeyHash);
  if (options.loops !== false) {
    startLoops(stack, context, loops);
  }
  stack.defer(() => app.close());
  const otherPortAllowed = settings.port === defaultPort;
  const address = await listen(app, { host: settings.host, port: settings.port, otherPortAllowed, say });
  const url = settings.publicUrl ?? address.url;
  log.info({ url, vendorId: identity.vendorId }, 'The vendor server listens.');
  const running = stack.move();
  return {
    url,
    identity,
    operatorKeyFile,
    context,
    app,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Makes the HTTP server with every route, not yet listening. */
export function createApp(context: VendorContext, operatorKeyHash: string): FastifyInstance {
  const app = createHttpServer({
    name: 'vendor',
    log: context.log,
    bodyBytesMax: limits.jsonBodyBytesMax,
    openapi: { title: 'Taika vendor server', version },
    readiness: async () => waitForDatabase(context.sql, { timeoutMs: 0 }),
  });
  const declare = createGuardedRouter(app, createVendorGatekeeper(context, operatorKeyHash));
  registerCatalogueRoutes(declare, context);
  registerReleaseRoutes(declare, context);
  registerRegistrationRoutes(declare, context);
  registerLicenseRoutes(declare, context);
  registerMemberRoutes(declare, context);
  registerServiceRoutes(declare, context);
  registerOrderRoutes(declare, context);
  registerMemberPaymentRoutes(declare, context);
  registerRefundRoutes(declare, context);
  registerUsageRoutes(declare, context);
  registerClaimRoutes(declare, context);
  registerClaimDocumentRoutes(declare, context);
  registerBookRoutes(declare, context);
  registerVendorStatementRoutes(declare, context);
  return app;
}

/** How documents name this vendor. */
function partyOf({ name, address, registrationNumber, country }: VendorSettings): VendorContext['party'] {
  return {
    name,
    country,
    ...(address === undefined ? {} : { address }),
    ...(registrationNumber === undefined ? {} : { registrationNumber }),
  };
}

function identityAs({ id }: VendorSettings, own: Identity): Identity {
  return { ...own, vendorId: id ?? own.vendorId };
}

async function openDatabase(
  stack: AsyncDisposableStack,
  settings: VendorSettings,
  log: Logger,
): Promise<Sql> {
  const url = settings.databaseUrl ?? (await startOwnDatabase(stack, settings, log));
  const sql = connect(url, { max: settings.connections, applicationName: 'taika vendor' });
  stack.defer(() => sql.end({ timeout: 5 }));
  await waitForDatabase(sql);
  for (const source of allMigrations) {
    const applied = await migrate(sql, source);
    if (applied.length > 0) {
      log.info({ component: source.component, applied }, 'Migrations were applied.');
    }
  }
  return sql;
}

async function startOwnDatabase(
  stack: AsyncDisposableStack,
  settings: VendorSettings,
  log: Logger,
): Promise<string> {
  const postgres = stack.use(
    await startEmbeddedPostgres({ directory: join(settings.data, 'postgres'), log }),
  );
  await postgres.createDatabase('vendor');
  return postgres.url('vendor');
}

function startLoops(stack: AsyncDisposableStack, context: VendorContext, loops: Map<LoopName, Loop>): void {
  const { clock, log } = context;
  const start = (
    name: LoopName | 'housekeeping' | 'ledger chain',
    everyMs: number,
    step: () => Promise<StepOutcome>,
  ) => {
    const loop = stack.use(startLoop({ name: `vendor ${name}`, everyMs, step, clock, log }));
    if (name !== 'housekeeping' && name !== 'ledger chain') {
      loops.set(name, loop);
    }
  };
  start('registrations', 1000, () => registrationsStep(context));
  start('orders', 1000, () => ordersStep(context));
  start('refunds', 1000, () => refundsStep(context));
  start('claims', 2000, createClaimsStep(context));
  start('claim documents', 600_000, () => answerClaimsStep(context));
  start('statements', 600_000, () => exchangeStatementsStep(context));
  start('ledger chain', 10_000, async () => {
    const { sealed } = await inTransaction(context.sql, (tx) => sealChain(tx));
    return sealed > 0 ? 'again' : 'idle';
  });
  start('housekeeping', 60_000, async () => {
    await deleteExpired(context.sql, clock.now());
    return 'idle';
  });
}
