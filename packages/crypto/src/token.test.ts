import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { seededRandom } from '@taika/runtime/random';
import { sha256Base64url, toBase64url } from './digest.ts';
import { generateKeyPair, importKey, parsePrivateKey, parsePublicKey, thumbprint } from './keys.ts';
import { createReplayGuard } from './replay-guard.ts';
import { requestSignatureType, signRequest, verifyRequest } from './signed-request.ts';
import { signToken, type TokenErrorReason, verifyToken } from './token.ts';

const now = new Date('2026-01-01T00:00:00Z');
const seconds = now.getTime() / 1000;
const pair = await generateKeyPair();
const other = await generateKeyPair();
const encode = (value: object | string) =>
  toBase64url(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)));
const verify = (token: string) =>
  verifyToken(token, { type: 'grant', keys: pair.publicKey, now, audience: 'app' });
const claims = { aud: 'app', exp: seconds + 60 };
const signed = (over: object, type = 'grant') =>
  signToken({ ...claims, ...over }, { type, key: pair.privateKey });

test('a token is believed when everything fits, and says what was signed', async () => {
  const token = await signed({ sum: 10n ** 20n });
  assert.deepEqual(await verify(token), { ...claims, sum: '100000000000000000000' });
});

test('every forged or misused token is refused for its own reason', async () => {
  const good = await signed({});
  const [header = '', payload = '', signature = ''] = good.split('.');
  const withHmac = (key: string) => {
    const input = `${encode({ alg: 'HS256', typ: 'grant' })}.${payload}`;
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
  };
  const table: [string, string, TokenErrorReason][] = [
    ['no token', 'hello', 'malformed'],
    ['alg none', `${encode({ alg: 'none', typ: 'grant' })}.${payload}.`, 'wrong-algorithm'],
    ['HMAC with the public key', withHmac(pair.publicKey.x), 'wrong-algorithm'],
    ['HMAC with the public JWK', withHmac(JSON.stringify(pair.publicKey)), 'wrong-algorithm'],
    ['no type', `${encode({ alg: 'EdDSA' })}.${payload}.${signature}`, 'wrong-type'],
    ['another type', await signed({}, 'lease'), 'wrong-type'],
    [
      'a changed header',
      `${encode({ alg: 'EdDSA', typ: 'grant', x: 1 })}.${payload}.${signature}`,
      'bad-signature',
    ],
    [
      'changed claims',
      `${header}.${encode({ ...claims, exp: seconds + 999 })}.${signature}`,
      'bad-signature',
    ],
    ['an empty signature', `${header}.${payload}.`, 'bad-signature'],
    ['another key', await signToken(claims, { type: 'grant', key: other.privateKey }), 'bad-signature'],
    ['a key of its own in the header', await withOwnKey(), 'bad-signature'],
    [
      'an unknown critical header',
      `${encode({ alg: 'EdDSA', typ: 'grant', crit: ['b'], b: 1 })}.${payload}.${signature}`,
      'bad-signature',
    ],
    ['expired', await signed({ exp: seconds }), 'expired'],
    ['without end', await signed({ exp: undefined }), 'expiry-missing'],
    ['an end that is no number', await signed({ exp: 'never' }), 'malformed'],
    ['not yet', await signed({ nbf: seconds + 1 }), 'not-yet-valid'],
    ['another audience', await signed({ aud: 'other' }), 'wrong-audience'],
    ['no audience', await signed({ aud: undefined }), 'wrong-audience'],
    ['claims that are no object', await signToken([1], { type: 'grant', key: pair.privateKey }), 'malformed'],
    ['endless', `${header}.${'A'.repeat(20_000)}.${signature}`, 'malformed'],
  ];
  for (const [title, token, reason] of table) {
    await assert.rejects(verify(token), { name: 'TokenError', reason }, title);
  }
});

async function withOwnKey(): Promise<string> {
  const { CompactSign } = await import('jose');
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'grant', jwk: { ...other.publicKey } })
    .sign(await importKey(other.privateKey));
}

test('a token may be late by the tolerance, and a key is found by its name', async () => {
  const token = await signToken({ exp: seconds - 5 }, { type: 'grant', key: pair.privateKey, kid: 'k2' });
  const options = {
    type: 'grant',
    now,
    keys: (kid: string | undefined) => (kid === 'k2' ? pair.publicKey : undefined),
  };
  await assert.rejects(verifyToken(token, options), { reason: 'expired' });
  await verifyToken(token, { ...options, toleranceSeconds: 10 });
  const unknown = await signToken(claims, { type: 'grant', key: pair.privateKey, kid: 'k3' });
  await assert.rejects(verifyToken(unknown, options), { reason: 'unknown-key' });
});

test('a signed request serves once, unchanged, for its path, within a minute', async () => {
  const request = { method: 'POST', path: '/v1/members?x=1', body: '{"a":1}' };
  const sign = (over: object = {}) =>
    signRequest({
      ...request,
      issuer: 'vendor',
      audience: 'dispatch',
      key: pair.privateKey,
      now,
      random: seededRandom(1),
      ...over,
    });
  const guard = createReplayGuard(() => now);
  const check = (authorization: string | undefined, over: object = {}) =>
    verifyRequest({
      ...request,
      audience: 'dispatch',
      authorization,
      now,
      findKey: (issuer) => (issuer === 'vendor' ? pair.publicKey : undefined),
      useOnce: guard.useOnce,
      ...over,
    });
  const good = await sign();
  const later = (ms: number) => ({ now: new Date(now.getTime() + ms) });
  const table: [string, string | undefined, object, TokenErrorReason][] = [
    ['none', undefined, {}, 'missing'],
    ['another scheme', 'Bearer x', {}, 'missing'],
    ['another body', good, { body: '{"a":2}' }, 'body-changed'],
    ['another query', good, { path: '/v1/members?x=2' }, 'wrong-request'],
    ['another method', good, { method: 'PUT' }, 'wrong-request'],
    ['another server', good, { audience: 'elsewhere' }, 'wrong-audience'],
    ['too late', good, later(60_001), 'outside-window'],
    ['from the future', good, later(-60_001), 'outside-window'],
    ['an unknown signer', await sign({ issuer: 'stranger' }), {}, 'unknown-key'],
    ['another key', await sign({ key: other.privateKey }), {}, 'bad-signature'],
    [
      'a token of another kind',
      `Taika-Signature ${await signToken({ iss: 'vendor' }, { type: 'grant', key: pair.privateKey })}`,
      {},
      'wrong-type',
    ],
    ['without an id', `Taika-Signature ${await withoutId()}`, {}, 'malformed'],
  ];
  for (const [title, authorization, over, reason] of table) {
    await assert.rejects(check(authorization, over), { name: 'TokenError', reason }, title);
  }
  assert.equal((await check(good)).issuer, 'vendor');
  await assert.rejects(check(good), { reason: 'replayed' });

  async function withoutId() {
    const bodySha256 = await sha256Base64url(request.body);
    const said = { iss: 'vendor', aud: 'dispatch', htm: 'POST', htu: request.path, bodySha256, iat: seconds };
    return signToken(said, { type: requestSignatureType, key: pair.privateKey });
  }
});

test('the replay guard remembers an id exactly as long as it must', () => {
  let at = 0;
  const guard = createReplayGuard(() => new Date(at));
  assert.equal(guard.useOnce('a', new Date(60_000)), true);
  at = 60_000;
  assert.equal(guard.useOnce('a', new Date(60_000)), false);
  at = 80_000;
  assert.equal(guard.useOnce('b', new Date(90_000)), true);
  assert.equal(guard.size, 1);
});

test('keys are read strictly, and the thumbprint is that of RFC 8037', async () => {
  const published = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  assert.equal(
    await thumbprint(parsePublicKey({ ...published, use: 'sig' })),
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  );
  for (const bad of [null, 'x', {}, { ...published, crv: 'X25519' }, { ...published, x: 'short' }]) {
    assert.throws(() => parsePublicKey(bad), { name: 'KeyError' });
  }
  assert.throws(() => parsePrivateKey(published), { name: 'KeyError' });
});
