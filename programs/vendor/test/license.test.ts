import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { verifyToken } from '@taika/crypto/token';
import { RemoteError } from '@taika/http/call';
import type { LicenseId } from '@taika/protocol/schema';
import { type GrantClaims, tokenTypes } from '@taika/protocol/tokens';
import { activate, forgetMember, readLicense, requestGrant } from '@taika/protocol/vendor/licenses';
import { createTerminal, type Fixture, startFixture, type TestTerminal } from './fixture.ts';

let fixture: Fixture;
before(async () => {
  fixture = await startFixture();
  await fixture.addProduct('editor');
  await fixture.addProduct('strict', 'application', { pointsMilliMin: '1000' });
});
after(() => fixture[Symbol.asyncDispose]());
beforeEach(() => {
  fixture.dispatch.failures.splice(0);
  fixture.dispatch.revoked.clear();
  fixture.dispatch.replayed = undefined;
  fixture.dispatch.evidence = {
    state: 'computing',
    pointsCommitted: '500',
    pointsFinal: '1500',
    pointsForfeited: '0',
  };
});

const refusedWith = (code: string, reason?: string) => (error: unknown) => {
  assert.ok(error instanceof RemoteError, String(error));
  assert.equal(error.code, code);
  const given = error.problem.reason as { code?: string } | undefined;
  assert.equal(given?.code, reason);
  return true;
};

async function licensed(product = 'editor') {
  const terminal = await createTerminal(fixture);
  const { registrationId, licenseId, licenseKey = '' } = await terminal.register(product);
  await terminal.acknowledge(registrationId);
  return { terminal, registrationId, licenseId: licenseId as LicenseId, licenseKey };
}

const grantOf = async (terminal: TestTerminal, licenseId: LicenseId) => {
  const { grant, license } = await terminal.caller.call(requestGrant, { params: { licenseId } });
  const keys = fixture.vendor.identity.key.publicKey;
  const claims = await verifyToken(grant, { type: tokenTypes.grant, keys, now: fixture.clock.now() });
  return { claims: claims as unknown as GrantClaims, license };
};

test('a grant is for one terminal, one product and an hour, with eight hours offline', async () => {
  const { terminal, licenseId } = await licensed();
  const { claims, license } = await grantOf(terminal, licenseId);
  assert.equal(claims.cnf.jkt, terminal.thumbprint);
  assert.deepEqual(claims.apps, ['editor']);
  assert.equal(claims.license, licenseId);
  assert.equal(claims.exp - claims.iat, 3600);
  assert.equal(claims.offlineUntil - claims.iat, 8 * 3600);
  assert.equal(license.state, 'licensed');
  assert.equal(license.evidence.pointsFinalMilli, '1500');
});

test('evidence decides by the policy, and the license says why not', async () => {
  const { terminal, licenseId } = await licensed('strict');
  const short = { pointsCommitted: '100', pointsFinal: '100', pointsForfeited: '0' };
  const table: [object, string | undefined][] = [
    [{ state: 'computing', ...short }, 'evidence-short'],
    [{ state: 'paused', ...short }, 'evidence-short'],
    [{ state: 'idle-no-work', ...short }, undefined],
    [{ state: 'computing', pointsCommitted: '900', pointsFinal: '100', pointsForfeited: '0' }, undefined],
    [
      { state: 'computing', pointsCommitted: '900', pointsFinal: '100', pointsForfeited: '1' },
      'evidence-short',
    ],
    [{ state: 'paused' }, undefined],
    [{ state: 'not-computing' }, 'not-computing'],
    [{ state: 'absent' }, 'agent-not-seen'],
    [{ state: 'computing' }, undefined],
  ];
  for (const [evidence, reason] of table) {
    fixture.dispatch.evidence = {
      pointsCommitted: '500',
      pointsFinal: '1500',
      pointsForfeited: '0',
      ...evidence,
    };
    const attempt = terminal.caller.call(requestGrant, { params: { licenseId } });
    if (reason === undefined) {
      assert.equal((await attempt).license.state, 'licensed', JSON.stringify(evidence));
    } else {
      await assert.rejects(attempt, refusedWith('license-refused', reason), JSON.stringify(evidence));
      const view = await terminal.caller.call(readLicense, { params: { licenseId } });
      assert.equal(view.state, 'not-computing');
      assert.equal(view.reason?.code, reason);
    }
  }
});

test('a receipt by another key, for another registration or vendor, or an old one, grants nothing', async () => {
  const { terminal, licenseId } = await licensed();
  const lies = [
    { sub: '01980000-0000-7000-8000-000000000009' },
    { aud: '01980000-0000-7000-8000-000000000009' },
    { exp: 1_700_000_000 },
  ];
  for (const lie of lies) {
    fixture.dispatch.evidence = { state: 'computing', ...lie };
    await assert.rejects(
      terminal.caller.call(requestGrant, { params: { licenseId } }),
      refusedWith('upstream-unreachable'),
      JSON.stringify(lie),
    );
  }
  assert.equal((await terminal.caller.call(readLicense, { params: { licenseId } })).state, 'licensed');
});

test('without the dispatch server there is no grant, and the license keeps its state', async () => {
  const { terminal, licenseId } = await licensed();
  await grantOf(terminal, licenseId);
  fixture.dispatch.failures.push(
    { route: 'readReceipt', code: 'unavailable', when: 'before' },
    { route: 'readReceipt', code: 'unavailable', when: 'before' },
  );
  await assert.rejects(
    terminal.caller.call(requestGrant, { params: { licenseId } }),
    refusedWith('upstream-unreachable'),
  );
  assert.equal((await terminal.caller.call(readLicense, { params: { licenseId } })).state, 'licensed');
});

test('a terminal that is revoked for good loses the license for good, and the contractor is not asked again', async () => {
  const { terminal, licenseId, registrationId, licenseKey } = await licensed();
  const { revoked, calls } = fixture.dispatch;
  revoked.set(registrationId, { mayReturn: false });
  const attempt = () => terminal.caller.call(requestGrant, { params: { licenseId } });
  await assert.rejects(attempt(), refusedWith('license-refused', 'revoked'));
  revoked.delete(registrationId);
  fixture.dispatch.evidence = { ...fixture.dispatch.evidence, reentries: 2 };
  const asked = calls.length;
  await assert.rejects(attempt(), refusedWith('license-refused', 'revoked'));
  assert.equal(calls.length, asked);
  await assert.rejects(
    terminal.caller.call(activate, { body: { licenseKey } }),
    refusedWith('license-refused', 'revoked'),
  );
  const { state, history } = await terminal.caller.call(readLicense, { params: { licenseId } });
  assert.equal(state, 'revoked');
  assert.deepEqual(
    history?.map(({ from, to, reason }) => [from, to, reason?.code]),
    [['licensed', 'revoked', 'revoked']],
  );
});

test('a license rests while its terminal may be let in again, and is back by itself when it is; the second time is final', async () => {
  const { terminal, licenseId, registrationId, licenseKey } = await licensed();
  const { dispatch } = fixture;
  const attempt = () => terminal.caller.call(requestGrant, { params: { licenseId } });
  const ask = async () => (await attempt()).license.state;
  const others = await licensed();
  assert.equal(await ask(), 'licensed');
  dispatch.revoked.set(registrationId, { mayReturn: true });
  await assert.rejects(attempt(), (error) => {
    assert.ok(error instanceof RemoteError);
    assert.match(error.message, /let in again, once, and the license is back by itself/);
    assert.equal(error.problem.license, 'suspended');
    return refusedWith('license-refused', 'suspended')(error);
  });
  await assert.rejects(
    terminal.caller.call(activate, { body: { licenseKey } }),
    refusedWith('license-refused', 'suspended'),
  );
  assert.equal((await grantOf(others.terminal, others.licenseId)).license.state, 'licensed');
  const hours = () => fixture.database.sql`
    select hours::text from license_month where license_id = ${licenseId}
  `;
  const before = [...(await hours())];
  fixture.clock.forward(2 * 3_600_000);
  await assert.rejects(attempt(), refusedWith('license-refused', 'suspended'));
  assert.deepEqual([...(await hours())], before, 'No fee for the time that it rests.');

  dispatch.revoked.delete(registrationId);
  dispatch.evidence = { ...dispatch.evidence, state: 'absent', reentries: 1 };
  await assert.rejects(attempt(), refusedWith('license-refused', 'agent-not-seen'));
  dispatch.evidence = { ...dispatch.evidence, state: 'computing' };
  assert.equal(await ask(), 'licensed');
  dispatch.revoked.set(registrationId, { mayReturn: false });
  await assert.rejects(attempt(), refusedWith('license-refused', 'revoked'));
  dispatch.revoked.delete(registrationId);
  const { history } = await terminal.caller.call(readLicense, { params: { licenseId } });
  assert.deepEqual(
    history?.map(({ from, to, reason }) => [from, to, reason?.code]),
    [
      ['licensed', 'suspended', 'suspended'],
      ['suspended', 'not-computing', 'agent-not-seen'],
      ['not-computing', 'licensed', undefined],
      ['licensed', 'revoked', 'revoked'],
    ],
  );
  await assert.rejects(
    fixture.database.sql`delete from license_event where license_id = ${licenseId}`,
    /never changes/,
  );
});

test('a forged word that a terminal was let in again, or one of before, lifts nothing', async () => {
  const { terminal, licenseId, registrationId } = await licensed();
  const { dispatch } = fixture;
  const attempt = () => terminal.caller.call(requestGrant, { params: { licenseId } });
  await grantOf(terminal, licenseId);
  const ofBefore = dispatch.lastReceipt;
  dispatch.revoked.set(registrationId, { mayReturn: true });
  await assert.rejects(attempt(), refusedWith('license-refused', 'suspended'));
  dispatch.replayed = ofBefore;
  await assert.rejects(attempt(), refusedWith('license-refused', 'suspended'));
  const { generateKeyPair } = await import('@taika/crypto/keys');
  const { signToken } = await import('@taika/crypto/token');
  const claims = JSON.parse(Buffer.from(ofBefore?.split('.')[1] ?? '', 'base64url').toString());
  const { privateKey } = await generateKeyPair();
  dispatch.replayed = await signToken(
    { ...claims, reentries: 1 },
    { type: tokenTypes.receipt, key: privateKey },
  );
  await assert.rejects(attempt(), refusedWith('upstream-unreachable'));
  dispatch.replayed = undefined;
  dispatch.revoked.delete(registrationId);
  for (const lie of [{ reentries: -1 }, { reentries: 'many' as never }, { sub: licenseId, reentries: 1 }]) {
    dispatch.evidence = { state: 'computing', ...lie };
    await assert.rejects(attempt(), refusedWith('upstream-unreachable'), JSON.stringify(lie));
  }
  assert.equal((await terminal.caller.call(readLicense, { params: { licenseId } })).state, 'suspended');
});

test('a contractor of before, which has no last word, does not end a license', async () => {
  const { terminal, licenseId, registrationId } = await licensed();
  const attempt = () => terminal.caller.call(requestGrant, { params: { licenseId } });
  fixture.dispatch.revoked.set(registrationId, {});
  await assert.rejects(attempt(), refusedWith('license-refused', 'suspended'));
  fixture.dispatch.revoked.set(registrationId, { mayReturn: false });
  await assert.rejects(attempt(), refusedWith('license-refused', 'revoked'));
});

test('a license on two terminals rests for both, and is back for both when the one is let in again, also where that one is off', async () => {
  const { terminal, licenseId, registrationId, licenseKey } = await licensed();
  const second = await createTerminal(fixture);
  await second.register('editor');
  await second.caller.call(activate, { body: { licenseKey } });
  const ask = (by: TestTerminal) => by.caller.call(requestGrant, { params: { licenseId } });
  fixture.dispatch.revoked.set(registrationId, { mayReturn: true });
  await assert.rejects(ask(terminal), refusedWith('license-refused', 'suspended'));
  await assert.rejects(ask(second), refusedWith('license-refused', 'suspended'));
  fixture.dispatch.revoked.delete(registrationId);
  await assert.rejects(ask(second), refusedWith('license-refused', 'suspended'));
  fixture.dispatch.evidence = { ...fixture.dispatch.evidence, reentries: 1 };
  assert.equal((await ask(second)).license.state, 'licensed');
});

test('the offline allowance is used up by gaps between grants, and comes back after thirty days', async () => {
  const { terminal, licenseId } = await licensed();
  const hour = 3_600_000;
  const allowances: number[] = [];
  for (let night = 0; night < 11; night++) {
    const { claims } = await grantOf(terminal, licenseId);
    allowances.push((claims.offlineUntil - claims.iat) / 3600);
    fixture.clock.forward(24 * hour);
  }
  assert.deepEqual(allowances.slice(0, 9), Array(9).fill(8));
  // 72 hours are used: what is left is the grant's own hour.
  assert.deepEqual(allowances.slice(9), [1, 1]);
  fixture.clock.forward(31 * 24 * hour);
  const { claims } = await grantOf(terminal, licenseId);
  assert.equal((claims.offlineUntil - claims.iat) / 3600, 8);
});

test('refreshing in time uses up no allowance', async () => {
  const { terminal, licenseId } = await licensed();
  for (let refresh = 0; refresh < 5; refresh++) {
    await grantOf(terminal, licenseId);
    fixture.clock.forward(20 * 60_000);
  }
  const [row] = await fixture.database.sql<{ uses: number }[]>`
    select count(*)::int as uses from offline_use where license_id = ${licenseId}`;
  assert.equal(row?.uses, 0);
});

test('a key activates on as many terminals as the product allows, each registered itself', async () => {
  const { licenseId, licenseKey } = await licensed();
  const second = await createTerminal(fixture);
  const body = { licenseKey };
  await assert.rejects(second.caller.call(activate, { body }), refusedWith('terminal-unknown'));
  await second.register('strict');
  await assert.rejects(second.caller.call(activate, { body }), refusedWith('license-refused'));
  await second.register('editor');
  const spoken = { licenseKey: licenseKey.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o') };
  assert.deepEqual(await second.caller.call(activate, { body: spoken }), {
    licenseId,
    product: 'editor',
    devices: 2,
    devicesMax: 2,
  });
  assert.equal((await second.caller.call(activate, { body })).devices, 2);
  const { claims } = await grantOf(second, licenseId);
  assert.equal(claims.cnf.jkt, second.thumbprint);

  const third = await createTerminal(fixture);
  await third.register('editor');
  await assert.rejects(third.caller.call(activate, { body }), refusedWith('license-refused'));
  await assert.rejects(third.caller.call(requestGrant, { params: { licenseId } }), refusedWith('not-found'));
});

test('guessing keys is limited for each terminal, and a typing error is not a guess', async () => {
  const { terminal, licenseKey } = await licensed();
  const { createLicenseKey } = await import('@taika/crypto/license-key');
  const { systemRandom } = await import('@taika/runtime/random');
  const codes: string[] = [];
  const attempt = async (key: string) => {
    const error = await terminal.caller
      .call(activate, { body: { licenseKey: key } })
      .catch((thrown) => thrown);
    codes.push(error instanceof RemoteError ? error.code : 'opened');
  };
  for (let index = 0; index < 30; index++) {
    await attempt('AAAAA-AAAAA-AAAAA-AAAAA-AAAA0');
  }
  assert.equal(codes.includes('rate-limited'), false);
  for (let index = 0; index < 25; index++) {
    await attempt(createLicenseKey(systemRandom));
  }
  assert.equal(codes.at(-1), 'rate-limited');
  fixture.clock.forward(60_000);
  await attempt(licenseKey);
  assert.equal(codes.at(-1), 'opened');
});

test('a license that its member ended grants nothing, and its key opens nothing', async () => {
  const { terminal, registrationId, licenseKey, licenseId } = await licensed();
  await terminal.caller.call(forgetMember, { params: { registrationId } });
  await assert.rejects(
    terminal.caller.call(activate, { body: { licenseKey } }),
    (error) => error instanceof RemoteError && error.code === 'license-refused',
  );
  await assert.rejects(
    terminal.caller.call(readLicense, { params: { licenseId } }),
    refusedWith('not-found'),
  );
});
