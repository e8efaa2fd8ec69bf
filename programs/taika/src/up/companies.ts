import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Caller, createCaller } from '@taika/http/call';
import { addCustomer, addVendor, listVendors } from '@taika/protocol/dispatch/parties';
import type { CustomerId } from '@taika/protocol/schema';
import { readVendorAbout } from '@taika/protocol/vendor/catalogue';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import { diskFull } from './disk-full.ts';
import { choosePort } from './free-port.ts';
import { keepPostgres } from './keep-postgres.ts';
import type { Layout } from './layout.ts';
import { type Service, startService } from './service.ts';
import { readState, writeState } from './state-file.ts';
import type { Story } from './story.ts';

/** Both companies' servers, each with its own database, as processes of their own; and their operators' connections. */
export interface Companies extends AsyncDisposable {
  readonly dispatchUrl: string;
  readonly vendorUrl: string;
  readonly vendorId: string;
  /** The contractor's operator at the dispatch server. */
  readonly contractor: Caller;
  /** The vendor's operator at the vendor server. */
  readonly vendor: Caller;
  readonly customerKey: string;
  readonly operatorKeyFile: string;
  readonly vendorOperatorKeyFile: string;
  /** URL of a company's database (`dispatch` or `vendor`), password included. */
  databaseUrl(name: string): string;
  /** Both servers, for those who watch, stop or kill them. */
  readonly servers: { readonly dispatch: Service; readonly vendor: Service };
}

/** Port numbers that are tried first. */
export interface Ports {
  readonly dispatch: number;
  readonly vendor: number;
}

/** What the contractor owes the vendor for each application supplied (claim 4 of the patent application): 30 yen. */
const licenseFee = { kind: 'per-registration', fee: { currency: 'JPY', amountMilli: '30000' } } as const;

/** How far the customer may owe: 100,000 yen, ten jobs at a time of the most that a job costs unless it says otherwise. */
const creditLimit = { currency: 'JPY', amountMilli: '100000000' } as const;

/** Starts PostgreSQL and both servers and makes the companies known to each other. Repeated, it goes on with what is there. */
export async function startCompanies(layout: Layout, ports: Ports, story: Story): Promise<Companies> {
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(
    await keepPostgres({
      directory: layout.postgres,
      databases: ['dispatch', 'vendor'],
      onRestart: () => story.step('', 'PostgreSQL ended by itself and was started again; nothing is lost.'),
      onTrouble: (error) =>
        story.step(
          '',
          `PostgreSQL ended and cannot be started again; it is tried again. ${diskFull(error, layout.home)?.message ?? (error as Error).message}`,
        ),
    }),
  );
  story.step('', `PostgreSQL with two databases${postgres.adopted ? ' (it was still running)' : ''}`);

  const onRestart = (name: string) => story.step('', `The ${name} ended by itself and was started again.`);
  const dispatchUrl = `http://127.0.0.1:${await choosePort('dispatch', ports.dispatch, layout.state, story)}`;
  const dispatch = stack.use(
    await startService({
      name: 'dispatch server',
      command: [
        taika,
        'dispatch',
        'serve',
        '--port',
        portOf(dispatchUrl),
        '--data',
        layout.dispatch,
        '--demo-rates',
        '--name',
        'Contractor Kumo',
        // Made up, with a right check digit: without one no XML invoice can be written.
        '--registration-number',
        demoRegistrationNumber,
      ],
      environment: { TAIKA_DISPATCH_DATABASE_URL: postgres.url('dispatch') },
      logFile: join(layout.logs, 'dispatch.log'),
      isReady: () => isReady(dispatchUrl),
      onRestart,
    }),
  );
  story.step('', `contractor Kumo's dispatch server at ${dispatchUrl}`);

  const vendorUrl = `http://127.0.0.1:${await choosePort('vendor', ports.vendor, layout.state, story)}`;
  const vendorServer = stack.use(
    await startService({
      name: 'vendor server',
      command: [
        taika,
        'vendor',
        'serve',
        '--port',
        portOf(vendorUrl),
        '--data',
        layout.vendor,
        '--dispatch-url',
        dispatchUrl,
        '--name',
        'Vendor Fude',
      ],
      environment: { TAIKA_VENDOR_DATABASE_URL: postgres.url('vendor') },
      logFile: join(layout.logs, 'vendor.log'),
      isReady: () => isReady(vendorUrl),
      onRestart,
    }),
  );
  story.step('', `vendor Fude's application server at ${vendorUrl}`);

  const operatorKeyFile = join(layout.dispatch, 'operator.key');
  const vendorOperatorKeyFile = join(layout.vendor, 'vendor-operator.key');
  const contractor = await operatorAt(dispatchUrl, operatorKeyFile);
  const vendor = await operatorAt(vendorUrl, vendorOperatorKeyFile);
  const vendorId = await enrolVendor(contractor, vendor);
  const customerKey = await enrolCustomer(contractor, layout);
  const running = stack.move();
  return {
    dispatchUrl,
    vendorUrl,
    vendorId,
    contractor,
    vendor,
    customerKey,
    operatorKeyFile,
    vendorOperatorKeyFile,
    databaseUrl: (name) => postgres.url(name),
    servers: { dispatch, vendor: vendorServer },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The command line of all roles, for starting its parts as processes. */
export const taika = fileURLToPath(new URL('../main.ts', import.meta.url));

/** A contract that was made at an earlier start stays as it was made. */
async function enrolVendor(contractor: Caller, vendor: Caller): Promise<string> {
  const { vendorId, name, publicKey } = await vendor.call(readVendorAbout);
  const { items } = await contractor.call(listVendors);
  if (!items.some((enrolled) => enrolled.vendorId === vendorId)) {
    await contractor.call(addVendor, { params: { vendorId }, body: { name, publicKey, licenseFee } });
  }
  return vendorId;
}

/** The customer's key is shown once, so it is kept with what `up` remembers. */
async function enrolCustomer(contractor: Caller, layout: Layout): Promise<string> {
  const state = await readState(layout.state);
  if (state.customerKey !== undefined) return state.customerKey;
  const customerId = randomUUID() as CustomerId;
  const { key } = await contractor.call(addCustomer, {
    params: { customerId },
    body: { name: 'Customer Sora', creditLimit },
  });
  if (key === undefined) throw new Error('A customer that was just enrolled gets a key.');
  await writeState(layout.state, { ...state, customerKey: key });
  return key;
}

async function operatorAt(baseUrl: string, keyFile: string): Promise<Caller> {
  const key = (await readFile(keyFile, 'utf8')).trim();
  return createCaller({
    baseUrl,
    authorize: () => ({ authorization: `Bearer ${key}` }),
    clock: systemClock,
    random: systemRandom,
  });
}

/** The last twelve digits are nobody's; the first is their check digit. */
const demoRegistrationNumber = 'T9234567890123';

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) });
  await response.body?.cancel();
  return response.ok;
}

function portOf(url: string): string {
  return new URL(url).port;
}
