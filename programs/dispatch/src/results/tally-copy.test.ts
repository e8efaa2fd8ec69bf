import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopyRunRow } from './copy-queries.ts';
import { tallyCopy } from './tally-copy.ts';

const run: CopyRunRow = {
  jobNumber: 1n,
  firstUnit: 10,
  units: 4,
  members: [1n, 2n],
  wanted: 2,
  votes: 1,
  issued: 1,
  isDue: false,
};
const copy = { endUnit: 14, memberNumber: 2n, mayAskAgain: true };

test('a whole copy is a vote', () => {
  assert.deepEqual(tallyCopy([run], copy), [{ ...run, votes: 2, issued: 0, isDue: true }]);
});

test('a part of a copy is a vote on that part, and the rest waits', () => {
  assert.deepEqual(tallyCopy([run], { ...copy, endUnit: 11 }), [
    { ...run, units: 1, votes: 2, issued: 0, isDue: true },
    { ...run, firstUnit: 11, units: 3, issued: 0, members: [1n] },
  ]);
});

test('a copy that was returned waits for somebody else', () => {
  assert.deepEqual(tallyCopy([run], { ...copy, endUnit: 10, mayAskAgain: false }), [{ ...run, issued: 0 }]);
});
