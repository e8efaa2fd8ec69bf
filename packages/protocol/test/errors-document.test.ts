import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { errors } from '@taika/protocol/errors';
import { reasons } from '@taika/protocol/reasons';
import { errorsDocument, errorsDocumentFile } from './errors-document.ts';

test('docs/ERRORS.md is what the tables of errors and reasons say', async () => {
  const written = await readFile(errorsDocumentFile, 'utf8');
  assert.equal(written, errorsDocument(), 'Run: node packages/protocol/test/write-errors-document.ts');
});

test('every error and reason is a sentence with something to do', () => {
  for (const [code, { sentence, remedy }] of [...Object.entries(errors), ...Object.entries(reasons)]) {
    assert.match(sentence, /^[A-Z].*\.$/s, code);
    assert.match(remedy, /[.?]$/, code);
  }
});
