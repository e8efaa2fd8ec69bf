import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefectures, search } from './prefectures.ts';

test('the database has the 47 prefectures, each once', () => {
  assert.equal(prefectures.length, 47);
  assert.equal(new Set(prefectures.map(({ name }) => name.ja)).size, 47);
});

test('a search finds by name, capital, region or code, in both languages', () => {
  const names = (text: string) => search(text).map(({ name }) => name.en);
  assert.deepEqual(names('kobe'), ['Hyogo']);
  assert.deepEqual(names(' 松山 '), ['Ehime']);
  assert.deepEqual(names('shikoku'), ['Tokushima', 'Kagawa', 'Ehime', 'Kochi']);
  assert.deepEqual(names('１３'), ['Tokyo']);
  assert.deepEqual(names(''), []);
});
