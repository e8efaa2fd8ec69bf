import { join } from 'node:path';

/** The page's files as text. */
export interface PageFiles {
  readonly html: string;
  readonly style: string;
  readonly script: string;
}

/** Put here when the editor is built into one file. */
declare const EDITOR_PAGE: PageFiles;
/** Set to true at the same time; the builder then leaves out what only the source needs. */
declare const EDITOR_IS_BUILT: boolean | undefined;

/** The page: from inside the built file, or from the source beside this one. */
export async function pageFiles(): Promise<PageFiles> {
  if (typeof EDITOR_IS_BUILT === 'boolean') {
    return EDITOR_PAGE;
  } else {
    const { readPageFiles } = await import('./read-page-files.ts');
    return readPageFiles(join(import.meta.dirname, '..', 'page'));
  }
}
