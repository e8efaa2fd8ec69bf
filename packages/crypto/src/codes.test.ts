import assert from 'node:assert/strict';
import test from 'node:test';
import { seededRandom } from '@taika/runtime/random';
import fc from 'fast-check';
import { apiKeyHash, createApiKey, parseApiKey } from './api-key.ts';
import { base32Alphabet, checkSymbol } from './base32.ts';
import { canonicalJson } from './canonical-json.ts';
import { fromBase64url, fromHex, sha256Hex, toBase64url, toHex } from './digest.ts';
import { createLicenseKey, licenseKeyHash, licenseKeyHint, parseLicenseKey } from './license-key.ts';
import { sha256HexSync } from './node-digest.ts';

const symbols = fc.array(fc.constantFrom(...base32Alphabet), { minLength: 24, maxLength: 24 });

test('a check symbol tells every wrong symbol and every swap of neighbours, itself included', () => {
  fc.assert(
    fc.property(symbols, fc.nat(24), fc.constantFrom(...base32Alphabet), (key, place, symbol) => {
      const whole = [...key, checkSymbol(key.join(''))];
      const isValid = (all: string[]) => checkSymbol(all.slice(0, -1).join('')) === all.at(-1);
      assert.equal(isValid(whole.with(place, symbol)), symbol === whole[place]);
      const [left = '', right = ''] = whole.slice(place);
      if (right !== '') {
        assert.equal(isValid(whole.with(place, right).with(place + 1, left)), left === right);
      }
    }),
  );
});

test('a license key is read however people type it, and a mistyped one is told apart', async () => {
  const key = createLicenseKey(seededRandom(7));
  assert.match(key, /^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
  const typed = [
    key.toLowerCase(),
    key.replaceAll('-', ' '),
    ` ${key.replaceAll('0', 'o').replaceAll('1', 'l')} `,
    key.replaceAll('-', '－'),
  ];
  for (const text of typed) {
    assert.deepEqual(parseLicenseKey(text), { kind: 'key', key }, text);
  }
  const wrong = key.startsWith('A') ? `B${key.slice(1)}` : `A${key.slice(1)}`;
  assert.deepEqual(parseLicenseKey(wrong), { kind: 'mistyped' });
  for (const text of ['', key.slice(1), `${key}A`, key.replace(/.$/, 'U'), 'x'.repeat(1e6)]) {
    assert.deepEqual(parseLicenseKey(text), { kind: 'malformed' });
  }
  assert.equal(licenseKeyHint(key), key.slice(-5));
  assert.equal(await licenseKeyHash(key.toLowerCase(), 's'), await licenseKeyHash(key, 's'));
  assert.notEqual(await licenseKeyHash(key, 's'), await licenseKeyHash(key, 't'));
});

test('an API key is parsed without a look-up; one mistyped or cut short is told apart', async () => {
  const { key, id, hash } = await createApiKey('customer', seededRandom(3));
  assert.deepEqual(parseApiKey(`${key}\n`), { kind: 'key', prefix: 'customer', id, key });
  assert.equal(hash, await apiKeyHash(key));
  assert.deepEqual(parseApiKey(key.slice(0, -1)), { kind: 'mistyped' });
  assert.deepEqual(parseApiKey(key.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))), {
    kind: 'mistyped',
  });
  assert.deepEqual(parseApiKey('sk_live_123'), { kind: 'malformed' });
});

test('canonical JSON is that of RFC 8785: order by UTF-16 units, numbers as ECMAScript writes them', () => {
  const value = { '\u20ac': 1, '\r': 2, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7, '\ufb33': 8 };
  assert.equal(
    canonicalJson(value),
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":8}',
  );
  assert.equal(
    canonicalJson([333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0]),
    '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
  );
  assert.equal(
    canonicalJson({ b: 10n ** 20n, a: undefined, c: [null, true] }),
    '{"b":"100000000000000000000","c":[null,true]}',
  );
  assert.throws(() => canonicalJson(Number.NaN), TypeError);
  assert.throws(() => canonicalJson('\ud800'), TypeError);
});

test('codecs give back every sequence of bytes, and read one spelling only', async () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(fromHex(toHex(bytes)), bytes);
      assert.deepEqual(fromBase64url(toBase64url(bytes)), bytes);
      assert.equal(toBase64url(bytes), Buffer.from(bytes).toString('base64url'));
    }),
  );
  for (const text of ['QQ==', 'QR', 'Q', 'a+/b']) {
    assert.throws(() => fromBase64url(text), SyntaxError);
  }
  assert.throws(() => fromHex('abc'), SyntaxError);
  assert.equal(await sha256Hex('taika'), sha256HexSync('taika'));
});
