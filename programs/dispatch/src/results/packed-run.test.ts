import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packRun, unpackRun } from './packed-run.ts';

test('what is packed is unpacked the same', () => {
  const unit = fc.record(
    { fuel: fc.maxSafeNat(), output: fc.uint8Array({ maxLength: 300 }) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 20 }), (units) => {
      const unpacked = unpackRun(packRun(units), units.length);
      assert.deepEqual(
        unpacked.map(({ fuel, output }) => ({ fuel, output: Uint8Array.from(output) })),
        units,
      );
    }),
  );
});

test('a damaged run is noticed', () => {
  const packed = packRun([{ fuel: 1, output: Uint8Array.of(1, 2, 3) }]);
  assert.throws(() => unpackRun(packed.subarray(0, 4), 1), RangeError);
  assert.throws(() => unpackRun(Buffer.alloc(0), 1), RangeError);
});
