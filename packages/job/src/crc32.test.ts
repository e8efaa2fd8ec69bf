import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 as oracle } from 'node:zlib';
import fc from 'fast-check';
import { crc32, crc32InScript } from './crc32.ts';

test('checksums are those of zlib, in one piece and in two', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      assert.equal(crc32InScript(first), oracle(first));
      assert.equal(crc32InScript(second, crc32InScript(first)), oracle(second, oracle(first)));
    }),
  );
});

test('Node counts by its own', () => {
  assert.equal(crc32, oracle);
});
