import { writeFile } from 'node:fs/promises';
import { errorsDocument, errorsDocumentFile } from './errors-document.ts';

await writeFile(errorsDocumentFile, errorsDocument());
