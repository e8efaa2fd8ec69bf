import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRange } from './byte-range.ts';

test('a range header is read as RFC 9110 has it', () => {
  const part = (offset: number, length: number) => ({ kind: 'part', range: { offset, length } });
  const table: [string | undefined, unknown][] = [
    [undefined, { kind: 'whole' }],
    ['bytes=0-0', part(0, 1)],
    ['bytes=2-4', part(2, 3)],
    ['bytes=2-', part(2, 8)],
    ['bytes=-3', part(7, 3)],
    ['bytes=-30', part(0, 10)],
    ['bytes=8-100', part(8, 2)],
    ['bytes=10-', { kind: 'unsatisfiable' }],
    ['bytes=5-2', { kind: 'unsatisfiable' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=0-1,4-5', { kind: 'whole' }],
    ['lines=1-2', { kind: 'whole' }],
  ];
  for (const [header, expected] of table) {
    assert.deepEqual(parseRange(header, 10), expected, `${header}`);
  }
});
