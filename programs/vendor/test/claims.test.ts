import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countHours } from '@taika/protocol/license-evidence';
import type { LicenseId } from '@taika/protocol/schema';
import { activate, listMembers, requestGrant } from '@taika/protocol/vendor/licenses';
import { listVendorClaims, readVendorBooks } from '@taika/protocol/vendor/services';
import { findKnownEvents } from '../src/claim-documents/queries.ts';
import { createClaimsStep } from '../src/claims/claim-license-fees.ts';
import { insertFeeClaim } from '../src/claims/queries.ts';
import { createTerminal, type Fixture, startFixture } from './fixture.ts';

async function registered(fixture: Fixture, product: string) {
  const terminal = await createTerminal(fixture);
  const registration = await terminal.register(product);
  await terminal.acknowledge(registration.registrationId);
  return { terminal, ...registration };
}

test('step 211: a fee for each registration is claimed once and stands in the vendor’s own book', async () => {
  await using fixture = await startFixture();
  await fixture.addProduct('editor');
  await fixture.addProduct('shop', 'service');
  const { registrationId } = await registered(fixture, 'editor');
  await registered(fixture, 'shop');
  const unacknowledged = await createTerminal(fixture);
  await unacknowledged.register('editor');

  fixture.dispatch.failures.push(
    { route: 'claimLicenseFee', code: 'unavailable', when: 'after' },
    { route: 'claimLicenseFee', code: 'unavailable', when: 'after' },
  );
  const step = createClaimsStep(fixture.vendor.context);
  await step();
  const before = await fixture.operator.call(listVendorClaims);
  assert.deepEqual([before.items[0]?.state, before.items[0]?.reason?.code], ['pending', 'unavailable']);
  fixture.clock.forward(10_000);
  await step();
  await step();
  const { items } = await fixture.operator.call(listVendorClaims);
  assert.equal(items.length, 1);
  assert.deepEqual(
    [items[0]?.kind, items[0]?.state, items[0]?.amount, items[0]?.subject],
    ['license-fee', 'accrued', { currency: 'JPY', amountMilli: '120000' }, `registration ${registrationId}`],
  );
  assert.equal(fixture.dispatch.claims.size, 1);
  const books = await fixture.operator.call(readVendorBooks);
  assert.deepEqual(books.defects, []);
  assert.deepEqual(
    books.accounts.filter(({ debit }) => debit !== '0'),
    [{ account: 'receivable:contractor', commodity: 'JPY', debit: '120000', credit: '0' }],
  );
});

test('a fee for each license-month is claimed for months that were computed for', async () => {
  await using fixture = await startFixture();
  await fixture.addProduct('editor');
  fixture.dispatch.contract = { kind: 'per-license-month', fee: { currency: 'JPY', amountMilli: '30000' } };
  const { terminal, licenseId } = await registered(fixture, 'editor');
  const grant = () => terminal.caller.call(requestGrant, { params: { licenseId: licenseId as LicenseId } });
  const step = createClaimsStep(fixture.vendor.context);
  fixture.dispatch.evidence = { state: 'idle-no-work' };
  await grant();
  await step();
  assert.equal((await fixture.operator.call(listVendorClaims)).items.length, 0, 'goodwill costs nothing');
  fixture.dispatch.evidence = {
    state: 'computing',
    pointsCommitted: '5',
    pointsFinal: '0',
    pointsForfeited: '0',
  };
  await grant();
  await grant();
  fixture.clock.forward(3_600_000);
  await grant();
  await step();
  assert.equal(fixture.dispatch.claims.size, 0, 'A month is claimed when it is over.');
  fixture.clock.forward(32 * 86_400_000);
  await grant();
  await step();
  fixture.clock.forward(32 * 86_400_000);
  await step();
  const months = [...fixture.dispatch.claims.values()].map(({ month }) => month);
  assert.equal(months.length, 2);
  assert.notEqual(months[0], months[1]);
  assert.deepEqual(
    [...fixture.dispatch.claims.values()].map(({ hours = '' }) => countHours(hours)),
    [2, 1],
    'Each hour with a grant counts once.',
  );
  assert.deepEqual((await fixture.operator.call(readVendorBooks)).defects, []);
});

/** Two terminals, registered each, that may use each other's licenses, early in a month. */
async function sharing(fixture: Fixture) {
  await fixture.addProduct('editor');
  fixture.dispatch.contract = { kind: 'per-license-month', fee: { currency: 'JPY', amountMilli: '30000' } };
  const now = fixture.clock.now();
  fixture.clock.forward(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 2) - now.getTime());
  const month = fixture.clock.now().toISOString().slice(0, 7);
  const first = await registered(fixture, 'editor');
  const second = await registered(fixture, 'editor');
  type Member = typeof first;
  for (const [user, owner] of [
    [second, first],
    [first, second],
  ] as const) {
    await user.terminal.caller.call(activate, { body: { licenseKey: owner.licenseKey ?? '' } });
  }
  const use = (user: Member, owner: Member) =>
    user.terminal.caller.call(requestGrant, { params: { licenseId: owner.licenseId as LicenseId } });
  const claimed = () =>
    [...fixture.dispatch.claims.values()].map(({ registrationId, hours = '' }) => [
      registrationId,
      countHours(hours),
    ]);
  /** A claim for the month as it was noted before. */
  const noteClaim = (id: string, { registrationId }: Member) =>
    insertFeeClaim(fixture.vendor.context.sql, {
      registrationId,
      month,
      id,
      currency: 'JPY',
      amountMilli: 30_000n,
      now: fixture.clock.now(),
    });
  const settleClaims = (state: 'accrued' | 'refused') => fixture.database.sql`
    update claim
    set state = ${state}, settled_at = at, next_attempt_at = null
  `;
  return { month, first, second, use, claimed, noteClaim, settleClaims };
}

test('a license-month is claimed for the terminal whose hours were counted, once over all licenses that it used', async () => {
  await using fixture = await startFixture();
  const { month, first, second, use, claimed } = await sharing(fixture);
  await use(second, first);
  fixture.clock.forward(3_600_000);
  await use(second, first);
  fixture.clock.forward(3_600_000);
  await use(second, second);
  fixture.clock.forward(32 * 86_400_000);
  const step = createClaimsStep(fixture.vendor.context);
  await step();
  await step();
  assert.deepEqual(claimed(), [[second.registrationId, 3]]);
  const event = `license-month:${second.registrationId}:${month}`;
  const known = (await findKnownEvents(fixture.vendor.context.sql, [event])).get(event);
  assert.deepEqual([known?.amount, known?.leaseHours], [30_000n, 3]);
  assert.ok(known?.evidenceSha256);
  assert.equal((await fixture.operator.call(listVendorClaims)).items.length, 1);
  assert.deepEqual((await fixture.operator.call(readVendorBooks)).defects, []);
});

test('a month that was claimed for its license’s own registration is not claimed again, unless that was refused', async () => {
  await using fixture = await startFixture();
  const { first, second, use, claimed, noteClaim, settleClaims } = await sharing(fixture);
  await use(second, first);
  fixture.clock.forward(32 * 86_400_000);
  await noteClaim('01980000-0000-7000-8000-000000000001', first);
  await settleClaims('accrued');
  const step = createClaimsStep(fixture.vendor.context);
  await step();
  assert.deepEqual(claimed(), []);
  await settleClaims('refused');
  await step();
  assert.deepEqual(claimed(), [[second.registrationId, 1]]);
});

test('terminals that use each other’s licenses are claimed for both, though a crash parts the two claims', async () => {
  await using fixture = await startFixture();
  const { first, second, use, claimed, noteClaim, settleClaims } = await sharing(fixture);
  await use(second, first);
  await use(first, second);
  fixture.clock.forward(32 * 86_400_000);
  await noteClaim('01980000-0000-7000-8000-000000000001', first);
  await settleClaims('accrued');
  const step = createClaimsStep(fixture.vendor.context);
  await step();
  assert.deepEqual(claimed(), [[second.registrationId, 1]]);
});

test('a product has the rule that its contract says; the others have the general one', async () => {
  await using fixture = await startFixture();
  await fixture.addProduct('editor');
  await fixture.addProduct('painter');
  const monthly = { kind: 'per-license-month' as const, fee: { currency: 'JPY', amountMilli: '30000' } };
  fixture.dispatch.productFees = [{ product: 'painter', ...monthly }];
  const editor = await registered(fixture, 'editor');
  const painter = await registered(fixture, 'painter');
  await painter.terminal.caller.call(requestGrant, { params: { licenseId: painter.licenseId as LicenseId } });
  const step = createClaimsStep(fixture.vendor.context);
  await step();
  fixture.clock.forward(32 * 86_400_000);
  await step();
  assert.deepEqual(
    [...fixture.dispatch.claims.values()].map(({ registrationId, month }) => [
      registrationId,
      month === undefined,
    ]),
    [
      [editor.registrationId, true],
      [painter.registrationId, false],
    ],
  );
});

test('a contractor that is older than evidence, or whose month is not over, is asked as it can be', async () => {
  await using fixture = await startFixture();
  await fixture.addProduct('editor');
  fixture.dispatch.contract = { kind: 'per-license-month', fee: { currency: 'JPY', amountMilli: '30000' } };
  const { terminal, licenseId } = await registered(fixture, 'editor');
  await terminal.caller.call(requestGrant, { params: { licenseId: licenseId as LicenseId } });
  fixture.clock.forward(32 * 86_400_000);
  fixture.dispatch.failures.push(
    { route: 'claimLicenseFee', code: 'wrong-state', when: 'before' },
    { route: 'claimLicenseFee', code: 'bad-request', when: 'before' },
  );
  const step = createClaimsStep(fixture.vendor.context);
  await step();
  assert.equal((await fixture.operator.call(listVendorClaims)).items[0]?.state, 'pending');
  fixture.clock.forward(10_000);
  await step();
  assert.equal((await fixture.operator.call(listVendorClaims)).items[0]?.state, 'accrued');
  assert.deepEqual(
    [...fixture.dispatch.claims.values()].map(({ hours }) => hours),
    [undefined],
  );
});

test('a refused claim carries its reason and is not booked', async () => {
  await using fixture = await startFixture();
  await fixture.addProduct('editor');
  fixture.dispatch.refuseClaims = true;
  await registered(fixture, 'editor');
  await createClaimsStep(fixture.vendor.context)();
  const [claim] = (await fixture.operator.call(listVendorClaims)).items;
  assert.deepEqual([claim?.state, claim?.reason?.code], ['refused', 'no-evidence']);
  const { accounts, defects } = await fixture.operator.call(readVendorBooks);
  assert.deepEqual([accounts, defects], [[], []]);
});

test('the user database is listed in pages, newest first, without keys', async () => {
  await using fixture = await startFixture();
  await fixture.addProduct('editor');
  for (let index = 0; index < 3; index++) {
    await registered(fixture, 'editor');
  }
  const first = await fixture.operator.call(listMembers, { query: { limit: '2' } });
  assert.equal(first.items.length, 2);
  assert.ok(first.next);
  const second = await fixture.operator.call(listMembers, { query: { limit: '2', after: first.next } });
  assert.equal(second.items.length, 1);
  assert.equal(second.next, undefined);
  assert.match(second.items[0]?.registrations[0]?.licenseKeyHint ?? '', /^[0-9A-Z]{5}$/);
  assert.doesNotMatch(JSON.stringify([first, second]), /licenseKey"/);
});
