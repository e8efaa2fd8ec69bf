import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import { hchacha20, RandomNumbers } from './random-numbers.ts';

const hash = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

test('HChaCha20 gives the value of the draft, section 2.2.1', () => {
  const key = words(Buffer.from(hash, 'hex'));
  const nonce = words(Buffer.from('000000090000004a0000000031415927', 'hex'));
  const subkey = Buffer.from(hchacha20(key, nonce).buffer).toString('hex');
  assert.equal(subkey, '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc');
});

test('the stream is ChaCha20 under the derived key, in every cut', () => {
  const nonce = new Uint8Array(24);
  const view = new DataView(nonce.buffer);
  view.setBigUint64(0, 5n, true);
  view.setBigUint64(8, 2n, true);
  view.setBigUint64(16, 7n, true);
  const subkey = hchacha20(words(Buffer.from(hash, 'hex')), words(nonce.subarray(0, 16)));
  const iv = Buffer.concat([Buffer.alloc(8), nonce.subarray(16)]);
  const expected = createCipheriv('chacha20', Buffer.from(subkey.buffer), iv).update(Buffer.alloc(1000));
  for (const cut of [1, 7, 64, 65, 1000]) {
    const numbers = new RandomNumbers(hash, 5n, 2, 7);
    const drawn = Buffer.alloc(1000);
    for (let at = 0; at < 1000; at += cut) numbers.fill(drawn.subarray(at, at + cut));
    assert.deepEqual(drawn, expected);
  }
});

test('program, seed, round and unit each lead to other numbers', () => {
  const streams = [
    new RandomNumbers(hash, 0n, 0, 0),
    new RandomNumbers(hash.replace('00', '01'), 0n, 0, 0),
    new RandomNumbers(hash, 1n, 0, 0),
    new RandomNumbers(hash, 2n ** 32n, 0, 0),
    new RandomNumbers(hash, 0n, 1, 0),
    new RandomNumbers(hash, 0n, 0, 1),
    new RandomNumbers(hash, 0n, 0, 2 ** 32),
  ];
  const firsts = streams.map((numbers) => {
    const bytes = new Uint8Array(8);
    numbers.fill(bytes);
    return bytes.join();
  });
  assert.equal(new Set(firsts).size, streams.length);
});

test('a hash of another form is refused', () => {
  assert.throws(() => new RandomNumbers('abc', 0n, 0, 0), TypeError);
});

function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
