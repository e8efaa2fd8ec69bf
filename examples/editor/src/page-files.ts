import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

/** The page's files as text. */
export interface PageFiles {
  readonly html: string;
  readonly style: string;
  readonly script: string;
}

/** Put here when the editor is built into one file. */
declare const EDITOR_PAGE: PageFiles | undefined;

/** The page: from inside the built file, or from the source beside this one. */
export function pageFiles(): PageFiles {
  return typeof EDITOR_PAGE === 'object'
    ? EDITOR_PAGE
    : readPageFiles(join(import.meta.dirname, '..', 'page'));
}

/** Reads the page's source; the script loses its types and stays readable. */
export function readPageFiles(directory: string): PageFiles {
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  return {
    html: read('index.html'),
    style: read('style.css'),
    script: stripTypeScriptTypes(read('script.ts')),
  };
}
