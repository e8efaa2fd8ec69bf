import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shellWord } from './shell-word.ts';

test('a path with spaces or quotes is one word of a shell', () => {
  assert.equal(shellWord('/home/a/.taika'), '/home/a/.taika');
  assert.equal(shellWord('/home/My Data'), "'/home/My Data'");
  assert.equal(shellWord("it's"), "'it'\\''s'");
});
