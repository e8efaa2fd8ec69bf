import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 as oracle } from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from './crc32.ts';

test('checksums are those of zlib, in one piece and in two', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      assert.equal(crc32(first), oracle(first));
      assert.equal(crc32(second, crc32(first)), oracle(second, oracle(first)));
    }),
  );
});
