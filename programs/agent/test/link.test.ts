import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKeyPair } from '@taika/crypto/keys';
import type { LicenseError } from '@taika/license/open-license';
import { waitFor } from '@taika/testing/wait-for';
import { createLinkStand } from './link-stand.ts';

test('an application is active while the agent serves, restricted when it stops in order, active again when it is back', async () => {
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant());
  const license = stand.open();
  assert.equal(license.state, 'restricted');
  const server = await stand.serve();
  await license.requireActive();
  assert.equal(license.state, 'active');
  assert.deepEqual(server.applications(), [{ name: 'editor', build: 'unknown', isLeased: true }]);
  await server[Symbol.asyncDispose]();
  await waitFor('the application is restricted at once', () => license.state === 'restricted', {
    timeoutMs: 1000,
  });
  await assert.rejects(
    license.requireActive(),
    (error: LicenseError) => error.code === 'no_agent' && error.remedy !== '',
  );
  await stand.serve();
  await waitFor('the application is active again', () => license.state === 'active', { timeoutMs: 3000 });
});

test('changes are told to listeners and to iterators', async () => {
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant());
  await stand.serve();
  const license = stand.open();
  const told: string[] = [];
  license.on('change', ({ state, code }) => told.push(`${state} ${code}`));
  const iterated: string[] = [];
  for await (const { state, code } of license) {
    iterated.push(`${state} ${code}`);
    if (state === 'active' && iterated.length < 4)
      stand.say({ kind: 'refused', reason: 'consent_withdrawn' });
    if (code === 'consent_withdrawn') break;
  }
  assert.deepEqual(iterated, ['restricted connecting', 'active licensed', 'restricted consent_withdrawn']);
  assert.deepEqual(told, iterated.slice(1));
});

test('an agent that runs but does not compute gives no license, and computing again gives it back', async () => {
  await using stand = await createLinkStand();
  const granted = stand.granted(await stand.grant());
  stand.answer = { kind: 'refused', reason: 'not_computing' };
  await stand.serve();
  const license = stand.open();
  await waitFor('the reason is said', () => license.status.code === 'not_computing');
  stand.say(granted);
  await waitFor('active', () => license.state === 'active', { timeoutMs: 3000 });
  stand.say({ ...granted, draining: { inMs: 60_000, reason: 'not_computing' } } as typeof granted);
  await waitFor('draining', () => license.state === 'draining');
  await license.requireActive();
  assert.equal(license.status.code, 'not_computing');
  // It is asked for long before the renewal that was due, and the reason stays the agent's.
  stand.say(granted);
  await waitFor('active again', () => license.state === 'active', { timeoutMs: 10_000 });
  stand.say({ kind: 'refused', reason: 'not_computing' });
  await waitFor('restricted', () => license.status.code === 'not_computing');
  // A no in the middle of a lease is followed by a question every second, drained before it or not.
  for (const draining of [undefined, { inMs: 60_000, reason: 'not_computing' } as const]) {
    stand.say(draining === undefined ? granted : ({ ...granted, draining } as typeof granted));
    await waitFor('leased once more', () => license.state !== 'restricted', { timeoutMs: 3000 });
    stand.say({ kind: 'refused', reason: 'not_computing' });
    await waitFor('restricted once more', () => license.state === 'restricted');
  }
  stand.say(granted);
  await waitFor('active at the next question', () => license.state === 'active', { timeoutMs: 3000 });
});

test('a license has as many seats as it says, and a closed application frees its seat at once', async () => {
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant(), { seatsMax: 1 });
  await stand.serve();
  const first = stand.open();
  await first.requireActive();
  const second = stand.open();
  await waitFor('the second has no seat', () => second.status.code === 'no_seat');
  await first[Symbol.asyncDispose]();
  await waitFor('the second has the seat', () => second.state === 'active', { timeoutMs: 3000 });
});

test('a newer grant travels with the next lease, and the vendor’s next key is believed too', async () => {
  await using stand = await createLinkStand();
  const next = await generateKeyPair();
  stand.answer = stand.granted(await stand.grant({}, next));
  await stand.serve();
  const license = stand.open({ vendorKeys: { current: stand.vendor.publicKey, next: next.publicKey } });
  await license.requireActive();
  assert.equal(license.state, 'active');
});
