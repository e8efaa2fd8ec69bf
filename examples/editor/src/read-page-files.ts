import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import type { PageFiles } from './page-files.ts';

/** Reads the page's source; the script loses its types and stays readable. */
export function readPageFiles(directory: string): PageFiles {
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  return {
    html: read('index.html'),
    style: read('style.css'),
    script: transformSync(read('script.ts'), { loader: 'ts', target: 'es2022' }).code,
  };
}
