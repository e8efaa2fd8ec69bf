import assert from 'node:assert/strict';
import test from 'node:test';
import { readAll } from './read-all.ts';

test('a list is read to its last page, each page from where the one before ended', async () => {
  const pages = new Map([
    [undefined, { items: [1, 2], next: 'two' }],
    ['two', { items: [], next: 'three' }],
    ['three', { items: [3] }],
  ]);
  assert.deepEqual(await readAll(async ({ after }) => pages.get(after) ?? { items: [] }), [1, 2, 3]);
});
