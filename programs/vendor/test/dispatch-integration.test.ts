/** The vendor server and the contractor's real server, as two processes with two databases, enrolled by their command lines. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { signToken } from '@taika/crypto/token';
import { connect } from '@taika/database/connect';
import { createTestDatabase } from '@taika/database/test-database';
import { type Caller, createCaller } from '@taika/http/call';
import { cycle } from '@taika/protocol/dispatch/cycle';
import { readBooks } from '@taika/protocol/dispatch/money';
import { openTerminalSession, recordConsent, requestChallenge } from '@taika/protocol/dispatch/registrations';
import type { ConsentId, LicenseId, OrderId } from '@taika/protocol/schema';
import { tokenTypes } from '@taika/protocol/tokens';
import { type RegistrationText, requestGrant } from '@taika/protocol/vendor/licenses';
import {
  cancelOrder,
  confirmOrder,
  listVendorClaims,
  openServiceSession,
  placeOrder,
  readSessionPoints,
  readVendorBooks,
} from '@taika/protocol/vendor/services';
import { systemClock } from '@taika/runtime/clock';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import { waitFor } from '@taika/testing/wait-for';
import { createTerminal, createTestClock, type TestTerminal } from './fixture.ts';
import { type ServerProcess, startServer } from './vendor-process.ts';

const stack = new AsyncDisposableStack();
let dispatch: ServerProcess;
let vendor: ServerProcess;
let vendorId: string;
let dispatchDatabase: string;
let operator: Caller;
let shop: Caller;

/** Runs an operator's command and gives what it prints. */
async function run(
  program: 'vendor' | 'dispatch',
  server: ServerProcess,
  ...args: string[]
): Promise<string> {
  const main = fileURLToPath(new URL(`../../${program}/src/main.ts`, import.meta.url));
  const place = ['--url', server.url, '--operator-key-file', server.operatorKeyFile];
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args, ...place]);
  return stdout.trim();
}

before(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'taika vendor dispatch '));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const databases = [stack.use(await createTestDatabase()), stack.use(await createTestDatabase())] as const;
  dispatchDatabase = databases[0].url;
  dispatch = stack.use(
    await startServer('dispatch', {
      data: join(directory, 'dispatch'),
      'database-url': databases[0].url,
      rates: 'demo',
    }),
  );
  vendor = stack.use(
    await startServer('vendor', {
      data: join(directory, 'vendor'),
      'database-url': databases[1].url,
      'dispatch-url': dispatch.url,
    }),
  );
  const keyFile = join(directory, 'vendor.jwk');
  await writeFile(keyFile, await run('vendor', vendor, 'public-key'));
  const enrolled = await run(
    'dispatch',
    dispatch,
    'add-vendor',
    '--name',
    'Editor Inc',
    '--public-key',
    keyFile,
    '--fee',
    '120',
    '--fee-per',
    'registration',
    '--json',
  );
  vendorId = JSON.parse(enrolled).vendor.vendorId;
  const product = ['--price', '500 JPY', '--title', 'x'];
  await run('vendor', vendor, 'add-product', '--product', 'editor', '--kind', 'application', ...product);
  await run('vendor', vendor, 'add-product', '--product', 'shop', '--kind', 'service', ...product);
  operator = bearer(vendor.url, await vendor.operatorKey());
  shop = bearer(vendor.url, await run('vendor', vendor, 'service-key', '--product', 'shop'));
});
after(() => stack.disposeAsync());

function bearer(baseUrl: string, key: string): Caller {
  const authorize = () => ({ authorization: `Bearer ${key}` });
  return createCaller({ baseUrl, authorize, clock: systemClock, random: systemRandom, attemptsMax: 1 });
}

async function newMember(
  product: string,
): Promise<{ terminal: TestTerminal; registration: RegistrationText }> {
  const terminal = await createTerminal({
    vendor: { url: vendor.url, identity: { vendorId } },
    clock: createTestClock(),
  });
  const registration = await terminal.register(product);
  assert.equal(registration.state, 'issued', JSON.stringify(registration.reason));
  await terminal.acknowledge(registration.registrationId);
  return { terminal, registration };
}

/** The agent's part at the dispatch server: a session, a consent, and one call that asks for work. */
async function compute(terminal: TestTerminal, product: string): Promise<void> {
  const anybody = createCaller({ baseUrl: dispatch.url, clock: systemClock, random: systemRandom });
  const seconds = Math.floor(Date.now() / 1000);
  const sub = terminal.thumbprint;
  const sign = (claims: object, type: string) => signToken(claims, { type, key: terminal.key.privateKey });
  const { challenge } = await anybody.call(requestChallenge, { body: { terminalKeyThumbprint: sub } });
  const answer = await sign({ sub, challenge, iat: seconds }, tokenTypes.challengeAnswer);
  const session = bearer(
    dispatch.url,
    (await anybody.call(openTerminalSession, { body: { answer } })).session,
  );
  const consentId = uuidv7(new Date(), systemRandom) as ConsentId;
  const limits = { cores: 1, memoryMiB: 512 };
  const text = { textVersion: '2026-11', textSha256: 'a'.repeat(64), locale: 'en' };
  const consent = await sign(
    { sub, jti: consentId, product, vendor: vendorId, ...text, limits, iat: seconds },
    tokenTypes.consent,
  );
  await session.call(recordConsent, { params: { consentId }, body: { consent } });
  await session.call(cycle, {
    body: {
      cycleId: uuidv7(new Date(), systemRandom),
      reports: [],
      want: { unitsMax: 1, parallel: 1, memoryMiB: 512 },
      knownJobs: [],
      state: 'computing',
    },
  });
}

/** Work that was done, as the hot path records it; the demonstration tariff gives half a point for 10^9 fuel. */
async function earn(terminal: TestTerminal, points: bigint): Promise<void> {
  const sql = connect(dispatchDatabase, { applicationName: 'test', max: 1 });
  try {
    await sql`
      insert into customer (id, name, currency, created_at)
      values (gen_random_uuid(), 'Customer', 'JPY', now())`;
    await sql`insert into blob (sha256, bytes, stored_at) values (${'b'.repeat(64)}, 1, now()) on conflict do nothing`;
    await sql`
      insert into job (id, customer_number, name, spec, spec_sha256, state, reason_code, rate_version, artefact_kind,
                       unit_count, fuel, units_done, created_at)
      select gen_random_uuid(), max(number), 'weather', '{}', ${'b'.repeat(64)}, 'running', 'computing', 1, 'fast', 1, 0, 1, now()
      from customer`;
    await sql`
      insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
      select t.member_number, t.number, (select max(number) from job), 'accepted', ${points * 2_000_000_000n}, 1, now()
      from terminal t
      join terminal_key k on k.terminal_number = t.number
      where k.thumbprint = ${terminal.thumbprint}`;
  } finally {
    await sql.end();
  }
}

test('steps 204 to 211 between the two companies: registration, license by evidence, and the fee in both books', async () => {
  const { terminal, registration } = await newMember('editor');
  const params = { licenseId: registration.licenseId as LicenseId };
  const early = await terminal.caller.call(requestGrant, { params }).catch((error) => error);
  assert.equal(early.code, 'license-refused', 'without consent nobody computes');
  await compute(terminal, 'editor');
  const license = await waitFor('the license', async () => {
    const reply = await terminal.caller.call(requestGrant, { params }).catch((error) => error);
    return reply.grant === undefined ? false : reply.license;
  });
  assert.equal(license.state, 'licensed');
  const fee = await waitFor('the fee', async () =>
    (await operator.call(listVendorClaims)).items.find(({ state }) => state === 'accrued'),
  );
  assert.deepEqual(fee.amount, { currency: 'JPY', amountMilli: '120000' });
});

test('steps 601 to 804 between the two companies: points are held, confirmed, captured, and owed exactly', async () => {
  const { terminal, registration } = await newMember('shop');
  await earn(terminal, 450n);
  const licenseKey = registration.licenseKey ?? '';
  const { session } = await shop.call(openServiceSession, { body: { licenseKey } });
  assert.equal((await shop.call(readSessionPoints, { query: { session } })).availableMilli, '450000');
  const lines = [{ description: 'tea', quantity: 1, unitPrice: { currency: 'JPY', amountMilli: '1200000' } }];
  const order = (points: string) =>
    shop.call(placeOrder, {
      params: { orderId: uuidv7(new Date(), systemRandom) as OrderId },
      body: { session, lines, points },
    });

  const cancelled = await order('100000');
  assert.equal((await shop.call(readSessionPoints, { query: { session } })).heldMilli, '100000');
  await shop.call(cancelOrder, { params: { orderId: cancelled.orderId } });

  const placed = await order('all');
  assert.deepEqual(
    [placed.state, placed.pointsMilli],
    ['awaiting-confirmation', '450000'],
    JSON.stringify(placed.reason),
  );
  const claims = { order: placed.orderId, pointsMilli: '450000', priceMilli: '1200000', currency: 'JPY' };
  const params = { orderId: placed.orderId };
  const body = { confirmation: await terminal.confirmation(claims) };
  const completed = await terminal.caller.call(confirmOrder, { params, body });
  assert.equal(completed.state, 'completed', JSON.stringify(completed.reason));
  assert.deepEqual([completed.discount.amountMilli, completed.charge.amountMilli], ['450000', '750000']);
  const left = await shop.call(readSessionPoints, { query: { session } });
  assert.deepEqual([left.availableMilli, left.heldMilli], ['0', '0']);
});

test('both books are sound, and the contractor owes what the vendor is owed', async () => {
  const mine = await waitFor('both fees and the discount', async () => {
    const { items } = await operator.call(listVendorClaims);
    return items.length === 2 && items.every(({ state }) => state === 'accrued') ? items : false;
  });
  const owed = mine.reduce((sum, { amount }) => sum + BigInt(amount.amountMilli), 0n);
  assert.equal(owed, 570_000n);
  const books = await operator.call(readVendorBooks);
  assert.deepEqual(books.defects, []);
  const contractor = bearer(dispatch.url, await dispatch.operatorKey());
  const theirs = await contractor.call(readBooks);
  assert.deepEqual(theirs.defects, []);
  const payable = theirs.accounts
    .filter(({ account }) => account.startsWith('payable:vendor:'))
    .reduce((sum, { credit }) => sum + BigInt(credit), 0n);
  const receivable = books.accounts.find(({ account }) => account === 'receivable:contractor')?.debit;
  assert.deepEqual([String(payable), receivable], [String(owed), String(owed)]);
});
