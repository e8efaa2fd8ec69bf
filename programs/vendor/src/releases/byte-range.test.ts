import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseByteRange } from './byte-range.ts';

test('a range is read as RFC 9110 says', () => {
  const part = (first: number, last: number) => ({ kind: 'part', first, last });
  const table: [string | undefined, object][] = [
    [undefined, { kind: 'whole' }],
    ['bytes=0-0', part(0, 0)],
    ['bytes=2-5', part(2, 5)],
    ['bytes=2-', part(2, 9)],
    ['bytes=2-100', part(2, 9)],
    ['bytes=-3', part(7, 9)],
    ['bytes=-30', part(0, 9)],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=10-', { kind: 'unsatisfiable' }],
    ['bytes=5-2', { kind: 'whole' }],
    ['bytes=0-1,4-5', { kind: 'whole' }],
    ['lines=1-2', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
  ];
  for (const [header, expected] of table) {
    assert.deepEqual(parseByteRange(header, 10), expected, String(header));
  }
});

test('nothing of an empty file can be had by range', () => {
  assert.deepEqual(parseByteRange('bytes=0-', 0), { kind: 'unsatisfiable' });
  assert.deepEqual(parseByteRange('bytes=-5', 0), { kind: 'unsatisfiable' });
});
