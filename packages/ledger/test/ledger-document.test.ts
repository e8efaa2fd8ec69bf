import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { ledgerDocumentFile, withGeneratedParts } from './ledger-document.ts';

test('docs/LEDGER.md shows the charts and postings that the code has', async () => {
  const written = await readFile(ledgerDocumentFile, 'utf8');
  assert.equal(
    written,
    withGeneratedParts(written),
    'Run: node packages/ledger/test/write-ledger-document.ts',
  );
});
