/** A contractor's and a vendor's real servers on one clock that can be put forward; no loop runs at the vendor but by hand. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '@taika/database/test-database';
import { type Caller, createCaller } from '@taika/http/call';
import { addVendor } from '@taika/protocol/dispatch/parties';
import type { VendorId } from '@taika/protocol/schema';
import { putProduct } from '@taika/protocol/vendor/catalogue';
import { silentLogger } from '@taika/runtime/logger';
import { systemRandom } from '@taika/runtime/random';
import { readSettings } from '@taika/runtime/settings';
import { startTestDispatch, type TestDispatch } from '../programs/dispatch/test/support/test-dispatch.ts';
import { createClaimsStep } from '../programs/vendor/src/claims/claim-license-fees.ts';
import { allMigrations } from '../programs/vendor/src/migrations.ts';
import { registrationsStep } from '../programs/vendor/src/registrations/confirm-registration.ts';
import { startVendorServer, type VendorServer } from '../programs/vendor/src/server.ts';
import { vendorSettings } from '../programs/vendor/src/settings.ts';
import { createTerminal, createTestClock, type TestClock } from '../programs/vendor/test/fixture.ts';

/** Both companies, and what a test does with them. */
export interface TwoCompanies extends AsyncDisposable {
  readonly clock: TestClock;
  readonly dispatch: TestDispatch;
  readonly vendor: VendorServer;
  readonly contractorOperator: Caller;
  readonly vendorOperator: Caller;
  /** A member registers the editor, and the vendor claims its fee of 120 yen; gives the event's name. */
  earnFee(): Promise<string>;
  /** Another vendor of the same contractor. */
  startVendor(name: string): Promise<VendorServer>;
  operatorOf(vendor: VendorServer): Promise<Caller>;
}

/** Starts both and enrols the vendor, with a fee of 120 yen for each registration. */
export async function startTwoCompanies({
  isAhead = true,
}: {
  /** Its clock starts in the middle of next month; without it, now: for terminals that sign by the machine's. */
  readonly isAhead?: boolean;
} = {}): Promise<TwoCompanies> {
  await using stack = new AsyncDisposableStack();
  // Whose part it is to stop what is started now: of this function, or of the caller.
  let owner = stack;
  const clock = createTestClock();
  // Noon in the middle of a month, so that no test meets midnight or a month's end by chance.
  const now = clock.now();
  if (isAhead) {
    clock.forward(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 10, 12) - now.getTime());
  }
  const dispatch = stack.use(await startTestDispatch({ clock, registrationNumber: 'T1234567890123' }));
  const bearer = (baseUrl: string, key: string) =>
    createCaller({
      baseUrl,
      authorize: () => ({ authorization: `Bearer ${key}` }),
      clock,
      random: systemRandom,
      attemptsMax: 1,
    });
  const contractorOperator = bearer(dispatch.url, dispatch.operatorKey);
  const startVendor = async (name: string): Promise<VendorServer> => {
    const data = await mkdtemp(join(tmpdir(), 'taika-companies-'));
    owner.defer(() => rm(data, { recursive: true, force: true }));
    const database = owner.use(await createTestDatabase({ migrations: allMigrations }));
    const flags = {
      port: 0,
      data,
      databaseUrl: database.url,
      dispatchUrl: dispatch.url,
      name,
      registrationNumber: 'T9876543210987',
    };
    const settings = readSettings(vendorSettings, { flags });
    const vendor = owner.use(await startVendorServer({ settings, log: silentLogger, clock, loops: false }));
    const { kty, crv, x } = vendor.identity.key.publicKey;
    await contractorOperator.call(addVendor, {
      params: { vendorId: vendor.identity.vendorId as VendorId },
      body: {
        name,
        publicKey: { kty, crv, x },
        licenseFee: { kind: 'per-registration', fee: { currency: 'JPY', amountMilli: '120000' } },
      },
    });
    return vendor;
  };
  const operatorOf = async ({ url, operatorKeyFile }: VendorServer) =>
    bearer(url, (await readFile(operatorKeyFile, 'utf8')).trim());
  const vendor = await startVendor('Editor Inc');
  const vendorOperator = await operatorOf(vendor);
  await vendorOperator.call(putProduct, {
    params: { product: 'editor' },
    body: {
      kind: 'application',
      title: 'editor',
      description: 'An editor.',
      cashPrice: { price: { currency: 'JPY', amountMilli: '500000' }, per: 'month' },
      policy: { windowDays: 30, pointsMilliMin: '0', devicesMax: 2 },
    },
  });
  const claimFees = createClaimsStep(vendor.context);
  const running = stack.move();
  owner = running;
  return {
    clock,
    dispatch,
    vendor,
    contractorOperator,
    vendorOperator,
    async earnFee() {
      const terminal = await createTerminal({ vendor, clock });
      const { registrationId } = await terminal.register('editor');
      await registrationsStep(vendor.context);
      await terminal.acknowledge(registrationId);
      await claimFees();
      return `license-fee:${registrationId}`;
    },
    startVendor,
    operatorOf,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
