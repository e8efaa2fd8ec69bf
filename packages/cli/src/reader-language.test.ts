import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readerLanguage } from './reader-language.ts';

test('the reader’s language is what the first variable says that is not empty', () => {
  const ja = 'ja_JP.UTF-8';
  const en = 'en_GB.UTF-8';
  assert.equal(readerLanguage({}), 'en');
  assert.equal(readerLanguage({ LANG: ja }), 'ja');
  assert.equal(readerLanguage({ LANG: 'fr_FR.UTF-8' }), 'en');
  assert.equal(readerLanguage({ LC_MESSAGES: en, LANG: ja }), 'en');
  assert.equal(readerLanguage({ LC_ALL: ja, LC_MESSAGES: en, LANG: en }), 'ja');
  assert.equal(readerLanguage({ LC_ALL: '', LC_MESSAGES: '', LANG: ja }), 'ja');
});
