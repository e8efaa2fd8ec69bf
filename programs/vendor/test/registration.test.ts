import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { RemoteError } from '@taika/http/call';
import type { LicenseId, RegistrationId } from '@taika/protocol/schema';
import { activate, forgetMember, register, requestGrant } from '@taika/protocol/vendor/licenses';
import { registrationsStep } from '../src/registrations/confirm-registration.ts';
import { createTerminal, type Fixture, startFixture } from './fixture.ts';

let fixture: Fixture;
before(async () => {
  fixture = await startFixture();
  await fixture.addProduct('editor');
  await fixture.addProduct('search', 'service');
});
after(() => fixture[Symbol.asyncDispose]());
beforeEach(() => fixture.dispatch.failures.splice(0));

const refusedWith = (code: string) => (error: unknown) => error instanceof RemoteError && error.code === code;

test('steps 204 to 210: the key comes only after the dispatch server confirmed, and only until it is acknowledged', async () => {
  const terminal = await createTerminal(fixture);
  const registration = await terminal.register('editor');
  assert.equal(registration.state, 'issued');
  assert.match(registration.licenseKey ?? '', /^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/);
  assert.equal(registration.licenseKeyHint, registration.licenseKey?.slice(-5));
  const forwarded = fixture.dispatch.registrations.get(registration.registrationId);
  assert.equal(forwarded?.pseudonym, registration.pseudonym);

  const acknowledged = await terminal.acknowledge(registration.registrationId);
  assert.equal(acknowledged.state, 'acknowledged');
  assert.equal(acknowledged.licenseKey, undefined);
  const again = await terminal.register('editor', { registrationId: registration.registrationId });
  assert.equal(again.state, 'acknowledged');
  assert.equal(again.licenseKey, undefined);
});

test('name and contact stay with the vendor', async () => {
  const terminal = await createTerminal(fixture);
  const { registrationId } = await terminal.register('editor', { name: 'Secret Name' });
  const forwarded = JSON.stringify(fixture.dispatch.registrations.get(registrationId));
  assert.doesNotMatch(forwarded, /Secret Name|example\.org/);
});

test('while the dispatch server does not answer there is no key, and the next call goes on', async () => {
  const terminal = await createTerminal(fixture);
  fixture.dispatch.failures.push(
    { route: 'registerMember', code: 'unavailable', when: 'before' },
    { route: 'registerMember', code: 'unavailable', when: 'before' },
  );
  const waiting = await terminal.register('editor');
  assert.equal(waiting.state, 'requested');
  assert.equal(waiting.licenseKey, undefined);
  assert.equal(waiting.licenseId, undefined);
  assert.equal(waiting.reason?.code, 'unavailable');
  const { registrationId } = waiting;
  const [{ licenses } = { licenses: -1 }] = await fixture.database.sql<{ licenses: number }[]>`
    select count(*)::int as licenses from license where registration_id = ${registrationId}`;
  assert.equal(licenses, 0);
  const issued = await terminal.register('editor', { registrationId });
  assert.equal(issued.state, 'issued');
});

test('the loop finishes what is stuck, but sends no key', async () => {
  const terminal = await createTerminal(fixture);
  // The dispatch server did it, and its answers were lost.
  fixture.dispatch.failures.push(
    { route: 'registerMember', code: 'unavailable', when: 'after' },
    { route: 'registerMember', code: 'unavailable', when: 'after' },
  );
  const { registrationId, state } = await terminal.register('editor');
  assert.equal(state, 'requested');
  fixture.clock.forward(10_000);
  await registrationsStep(fixture.vendor.context);
  const [row] = await fixture.database.sql<{ state: string }[]>`
    select state from registration where id = ${registrationId}`;
  assert.equal(row?.state, 'registered');
  assert.equal((await terminal.register('editor', { registrationId })).state, 'issued');
});

test('a refusal of the dispatch server is told with its reason and not repeated by the loop', async () => {
  const terminal = await createTerminal(fixture);
  fixture.dispatch.failures.push({ route: 'registerMember', code: 'conflict', when: 'before' });
  const refused = await terminal.register('editor');
  assert.equal(refused.state, 'requested');
  assert.equal(refused.reason?.code, 'conflict');
  const calls = fixture.dispatch.calls.length;
  fixture.clock.forward(3_600_000);
  await registrationsStep(fixture.vendor.context);
  assert.equal(fixture.dispatch.calls.length, calls);
});

test('until it is acknowledged a repeated call replaces the key; the one before opens nothing', async () => {
  const terminal = await createTerminal(fixture);
  const first = await terminal.register('editor');
  const second = await terminal.register('editor', { registrationId: first.registrationId });
  assert.notEqual(first.licenseKey, second.licenseKey);
  assert.equal(first.licenseId, second.licenseId);
  const activation = { body: { licenseKey: second.licenseKey ?? '' } };
  assert.equal((await terminal.caller.call(activate, activation)).licenseId, first.licenseId);
  await assert.rejects(
    terminal.caller.call(activate, { body: { licenseKey: first.licenseKey ?? '' } }),
    refusedWith('bad-key'),
  );
});

test('calls repeated at the same time all succeed, with one license and one key that opens it', async () => {
  const terminal = await createTerminal(fixture);
  const { registrationId } = await terminal.register('editor');
  const many = await Promise.all(
    Array.from({ length: 8 }, () => terminal.register('editor', { registrationId })),
  );
  assert.equal(new Set(many.map(({ licenseId }) => licenseId)).size, 1);
  const latest = await terminal.register('editor', { registrationId });
  const opened = await terminal.caller.call(activate, { body: { licenseKey: latest.licenseKey ?? '' } });
  assert.equal(opened.licenseId, many[0]?.licenseId);
  assert.equal(opened.devices, 1);
});

test('a proof for another product, registration, vendor or key, or one that expired, registers nobody', async () => {
  const terminal = await createTerminal(fixture);
  const other = await createTerminal(fixture);
  const registrationId = '01980000-0000-7000-8000-000000000001' as RegistrationId;
  const right = { registration: registrationId, product: 'editor' };
  const { kty, crv, x } = terminal.key.publicKey;
  const proofs = {
    product: await terminal.proof({ ...right, product: 'search' }),
    registration: await terminal.proof({ ...right, registration: '01980000-0000-7000-8000-000000000002' }),
    vendor: await terminal.proof({ ...right, aud: '01980000-0000-7000-8000-000000000003' }),
    key: await other.proof(right),
    'forged name': await other.proof({ ...right, sub: terminal.thumbprint }),
    expired: await terminal.proof({ ...right, exp: 1_700_000_000 }),
    endless: await terminal.proof({ ...right, exp: undefined }),
  };
  for (const [what, proof] of Object.entries(proofs)) {
    const body = {
      product: 'editor',
      name: 'x',
      contact: 'x@example.org',
      terminalName: 'x',
      terminalKey: { kty, crv, x },
      proof,
    };
    await assert.rejects(
      fixture.anybody.call(register, { params: { registrationId }, body }),
      refusedWith('bad-signature'),
      what,
    );
  }
  assert.equal(fixture.dispatch.registrations.has(registrationId), false);
});

test('an id that was used for something else is a conflict, and so is a second registration for the same product', async () => {
  const terminal = await createTerminal(fixture);
  const { registrationId } = await terminal.register('editor');
  await assert.rejects(
    terminal.register('editor', { registrationId, name: 'Somebody else' }),
    refusedWith('idempotency-conflict'),
  );
  await assert.rejects(terminal.register('editor'), (error: RemoteError) => {
    assert.equal(error.code, 'conflict');
    assert.equal(error.problem.registrationId, registrationId);
    return true;
  });
});

test('one terminal is one member, whatever it registers for', async () => {
  const terminal = await createTerminal(fixture);
  const editor = await terminal.register('editor');
  const search = await terminal.register('search');
  assert.equal(editor.pseudonym, search.pseudonym);
  assert.equal(search.kind, 'service');
});

test('an ended registration ends the license, deletes name and contact, and is told to the dispatch server later', async () => {
  const terminal = await createTerminal(fixture);
  const { registrationId, licenseId, pseudonym } = await terminal.register('editor');
  await terminal.acknowledge(registrationId);
  const ended = await terminal.caller.call(forgetMember, { params: { registrationId } });
  assert.equal(ended.state, 'ended');
  const [member] = await fixture.database.sql<{ name: string | null; contact: string | null }[]>`
    select name, contact from member where id = ${pseudonym}`;
  assert.deepEqual({ ...member }, { name: null, contact: null });
  await assert.rejects(
    terminal.caller.call(requestGrant, { params: { licenseId: licenseId as LicenseId } }),
    refusedWith('not-found'),
  );
  fixture.dispatch.failures.push(
    { route: 'endRegistration', code: 'unavailable', when: 'before' },
    { route: 'endRegistration', code: 'unavailable', when: 'before' },
  );
  await registrationsStep(fixture.vendor.context);
  assert.equal(fixture.dispatch.ended.has(registrationId), false);
  fixture.clock.forward(600_000);
  await registrationsStep(fixture.vendor.context);
  assert.equal(fixture.dispatch.ended.has(registrationId), true);
  // The member may come back, as the same person.
  assert.equal((await terminal.register('editor')).pseudonym, pseudonym);
});

test('the database itself refuses a license without a confirmed registration', async () => {
  const terminal = await createTerminal(fixture);
  fixture.dispatch.failures.push({ route: 'registerMember', code: 'conflict', when: 'before' });
  const { registrationId, pseudonym } = await terminal.register('editor');
  await assert.rejects(
    fixture.database.sql`
      insert into license (id, registration_id, member_id, product, key_hash, key_hint, created_at)
      values (${registrationId}, ${registrationId}, ${pseudonym}, 'editor', 'hash', 'HINT5', now())`,
    /a license needs a registration that the dispatch server confirmed/,
  );
});
