import { readFile, writeFile } from 'node:fs/promises';
import { ledgerDocumentFile, withGeneratedParts } from './ledger-document.ts';

await writeFile(ledgerDocumentFile, withGeneratedParts(await readFile(ledgerDocumentFile, 'utf8')));
