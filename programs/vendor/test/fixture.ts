import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, type KeyPair, thumbprint } from '@taika/crypto/keys';
import { signRequest } from '@taika/crypto/signed-request';
import { signToken } from '@taika/crypto/token';
import { createTestDatabase, type TestDatabase } from '@taika/database/test-database';
import { type Caller, createCaller } from '@taika/http/call';
import type { RegistrationId } from '@taika/protocol/schema';
import { tokenTypes } from '@taika/protocol/tokens';
import { putProduct } from '@taika/protocol/vendor/catalogue';
import { acknowledgeKey, type RegistrationText, register } from '@taika/protocol/vendor/licenses';
import { addServiceKey } from '@taika/protocol/vendor/services';
import { systemClock } from '@taika/runtime/clock';
import { uuidv7 } from '@taika/runtime/identifiers';
import { silentLogger } from '@taika/runtime/logger';
import { systemRandom } from '@taika/runtime/random';
import { readSettings } from '@taika/runtime/settings';
import { allMigrations } from '../src/migrations.ts';
import { startVendorServer, type VendorServer } from '../src/server.ts';
import { vendorSettings } from '../src/settings.ts';
import { type StandInDispatch, startStandInDispatch } from './stand-in-dispatch.ts';

/** A clock that goes like the machine's and can be put forward. */
export interface TestClock {
  now(): Date;
  monotonicMs(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  forward(ms: number): void;
}

export function createTestClock(): TestClock {
  let aheadMs = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    monotonicMs: () => performance.now() + aheadMs,
    sleep: systemClock.sleep,
    forward: (ms) => {
      aheadMs += ms;
    },
  };
}

/** A vendor server on a database of its own, and a stand-in for the contractor. */
export interface Fixture extends AsyncDisposable {
  readonly vendor: VendorServer;
  readonly dispatch: StandInDispatch;
  readonly database: TestDatabase;
  readonly directory: string;
  readonly clock: TestClock;
  /** Calls as the operator. */
  readonly operator: Caller;
  /** Calls as nobody. */
  readonly anybody: Caller;
  service(key: string): Caller;
  addProduct(name: string, kind?: 'application' | 'service', policy?: object): Promise<void>;
  addService(name: string): Promise<Caller>;
}

export async function startFixture({
  loops = false,
  databaseUrl,
}: {
  loops?: boolean;
  /** In place of its own database’s, such as that of another role. */
  databaseUrl?: string;
} = {}): Promise<Fixture> {
  await using stack = new AsyncDisposableStack();
  const clock = createTestClock();
  const directory = await mkdtemp(join(tmpdir(), 'taika vendor '));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const database = stack.use(await createTestDatabase({ migrations: allMigrations }));
  const dispatch = stack.use(await startStandInDispatch(clock));
  const settings = readSettings(vendorSettings, {
    flags: {
      port: 0,
      data: directory,
      databaseUrl: databaseUrl ?? database.url,
      dispatchUrl: dispatch.url,
      name: 'Test vendor',
    },
  });
  const vendor = stack.use(await startVendorServer({ settings, log: silentLogger, clock, loops }));
  const { kty, crv, x } = vendor.identity.key.publicKey;
  dispatch.knowVendor(vendor.identity.vendorId, { kty, crv, x });
  const operatorKey = (await readFile(vendor.operatorKeyFile, 'utf8')).trim();
  const callerWith = (authorization?: string) =>
    createCaller({
      baseUrl: vendor.url,
      authorize: () => (authorization === undefined ? {} : { authorization }),
      clock,
      random: systemRandom,
      attemptsMax: 1,
    });
  const operator = callerWith(`Bearer ${operatorKey}`);
  const addProduct: Fixture['addProduct'] = async (name, kind = 'application', policy = {}) => {
    const body = {
      kind,
      title: name,
      description: `The product ${name}.`,
      cashPrice: { price: { currency: 'JPY', amountMilli: '500000' }, per: 'month' as const },
      policy: { windowDays: 30, pointsMilliMin: '0', devicesMax: 2, ...policy },
    };
    await operator.call(putProduct, { params: { product: name }, body });
  };
  const service: Fixture['service'] = (key) => callerWith(`Bearer ${key}`);
  const running = stack.move();
  return {
    vendor,
    dispatch,
    database,
    directory,
    clock,
    operator,
    anybody: callerWith(),
    service,
    addProduct,
    async addService(name) {
      await addProduct(name, 'service');
      return service((await operator.call(addServiceKey, { params: { product: name } })).key);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** As much of a vendor server as a terminal must know. */
interface VendorPlace {
  readonly url: string;
  readonly identity: { readonly vendorId: string };
}

/** A member's terminal: its key, and calls that it signs. */
export interface TestTerminal {
  readonly key: KeyPair;
  readonly thumbprint: string;
  readonly caller: Caller;
  proof(claims?: Record<string, unknown>): Promise<string>;
  register(product: string, options?: { registrationId?: string; name?: string }): Promise<RegistrationText>;
  acknowledge(registrationId: string): Promise<RegistrationText>;
  confirmation(order: object): Promise<string>;
}

export async function createTerminal(
  { vendor, clock }: { readonly vendor: VendorPlace; readonly clock: TestClock },
  known?: KeyPair,
): Promise<TestTerminal> {
  const key = known ?? (await generateKeyPair());
  const name = await thumbprint(key.publicKey);
  const { vendorId } = vendor.identity;
  const caller = createCaller({
    baseUrl: vendor.url,
    authorize: async ({ method, path, body }) => ({
      authorization: await signRequest({
        method,
        path,
        body,
        issuer: name,
        audience: vendorId,
        key: key.privateKey,
        now: clock.now(),
        random: systemRandom,
      }),
    }),
    clock,
    random: systemRandom,
    attemptsMax: 1,
  });
  const seconds = () => Math.floor(clock.now().getTime() / 1000);
  const proof: TestTerminal['proof'] = (claims) =>
    signToken(
      { sub: name, aud: vendorId, iat: seconds(), exp: seconds() + 600, ...claims },
      { type: tokenTypes.registrationProof, key: key.privateKey },
    );
  return {
    key,
    thumbprint: name,
    caller,
    proof,
    async register(
      product,
      { registrationId = uuidv7(clock.now(), systemRandom), name: memberName = 'Hanako' } = {},
    ) {
      const { kty, crv, x } = key.publicKey;
      return caller.call(register, {
        params: { registrationId: registrationId as RegistrationId },
        body: {
          product,
          name: memberName,
          contact: 'hanako@example.org',
          terminalName: 'laptop',
          terminalKey: { kty, crv, x },
          proof: await proof({ registration: registrationId, product }),
        },
      });
    },
    acknowledge: (registrationId) =>
      caller.call(acknowledgeKey, { params: { registrationId: registrationId as RegistrationId } }),
    confirmation: (order) =>
      signToken(
        { sub: name, aud: vendorId, iat: seconds(), exp: seconds() + 300, ...order },
        { type: tokenTypes.orderConfirmation, key: key.privateKey },
      ),
  };
}
