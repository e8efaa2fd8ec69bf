/**
 * Writes `dictionary/dictionary.tsv` from the English–French dictionary of FreeDict, as Debian's package
 * `dict-freedict-eng-fra` brings it: `node examples/translate/src/make-dictionary.ts /usr/share/dictd/freedict-eng-fra.dict.dz`.
 * One line for each headword: the English, a tab, and the first word of the first sense.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A headword with its pronunciation, alone on a line; its senses follow. */
const headword = /^(\S.*?) \/[^/]*\/$/;

/** Headwords and their translations, in the order of the file; the first of two entries for one headword counts. */
export function readEntries(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  let english: string | undefined;
  for (const line of text.split('\n')) {
    const found = headword.exec(line)?.[1];
    if (found !== undefined) {
      english = found;
    } else if (english !== undefined && line.trim() !== '') {
      const french = firstWord(line);
      if (isUsable(english, french) && !entries.has(english)) entries.set(english, french);
      english = undefined;
    }
  }
  return entries;
}

function firstWord(line: string): string {
  const sense = line.replace(/^\d+\. /, '').replaceAll(/\([^)]*\)|\[[^\]]*\]/g, '');
  return (sense.split(/[,;]/)[0] ?? '').trim().replaceAll("'", '’');
}

/** Not names and abbreviations, which stay as they are, nor articles, whose French depends on the noun. */
function isUsable(english: string, french: string): boolean {
  return (
    /^[a-z][a-z' -]*$/.test(english) && !/(^| )(the|an?)$/.test(english) && /^[\p{Letter}’ -]+$/u.test(french)
  );
}

if (import.meta.main) {
  const path = process.argv[2];
  if (path === undefined) {
    console.error('Usage: node make-dictionary.ts freedict-eng-fra.dict.dz');
    process.exit(2);
  }
  const entries = readEntries(gunzipSync(readFileSync(path)).toString('utf8'));
  const lines = [...entries].map(([english, french]) => `${english.replaceAll("'", '’')}\t${french}\n`);
  writeFileSync(new URL('../dictionary/dictionary.tsv', import.meta.url), lines.join(''));
  console.log(`${lines.length} entries.`);
}
