import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLocale, formatOfAccept } from './choose-format.ts';

test('a header asks for the format that it prefers', () => {
  assert.equal(formatOfAccept('application/pdf'), 'pdf');
  assert.equal(formatOfAccept('text/csv;q=0.5, application/xml'), 'xml');
  assert.equal(formatOfAccept('application/json, application/pdf;q=0.9'), undefined);
  assert.equal(formatOfAccept('text/html, application/pdf;q=0.9, */*;q=0.1'), 'pdf');
  assert.equal(formatOfAccept('application/pdf;q=0, text/csv'), 'csv');
  for (const any of [undefined, '', '*/*', 'application/json, application/problem+json, */*', 'text']) {
    assert.equal(formatOfAccept(any), undefined);
  }
});

test('labels are in the language asked for', () => {
  assert.equal(chooseLocale('ja', 'en-GB'), 'ja');
  assert.equal(chooseLocale(undefined, 'ja-JP,ja;q=0.9,en;q=0.8'), 'ja');
  assert.equal(chooseLocale(undefined, 'jam'), 'en');
  assert.equal(chooseLocale(undefined, undefined), 'en');
});
