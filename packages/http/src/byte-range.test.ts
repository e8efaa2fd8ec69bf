import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentRange, readByteRange } from './byte-range.ts';

test('a range is read as RFC 9110 says', () => {
  const part = (offset: number, length: number) => ({ kind: 'part', range: { offset, length } });
  const table: [string | undefined, object][] = [
    [undefined, { kind: 'whole' }],
    ['bytes=0-0', part(0, 1)],
    ['bytes=2-5', part(2, 4)],
    ['bytes=2-', part(2, 8)],
    ['bytes=2-100', part(2, 8)],
    ['bytes=-3', part(7, 3)],
    ['bytes=-30', part(0, 10)],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=10-', { kind: 'unsatisfiable' }],
    ['bytes=5-2', { kind: 'whole' }],
    ['bytes=0-1,4-5', { kind: 'whole' }],
    ['lines=1-2', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
  ];
  for (const [header, expected] of table) {
    assert.deepEqual(readByteRange(header, 10), expected, String(header));
  }
});

test('nothing of an empty file can be had by range', () => {
  assert.deepEqual(readByteRange('bytes=0-', 0), { kind: 'unsatisfiable' });
  assert.deepEqual(readByteRange('bytes=-5', 0), { kind: 'unsatisfiable' });
});

test('a part says where it is in the whole', () => {
  assert.equal(contentRange({ offset: 2, length: 4 }, 10), 'bytes 2-5/10');
});
