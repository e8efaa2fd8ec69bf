// Stage 1: takes a document apart into sentences, one a line, and notes the layout at the beginning of each line:
//   "P " the first sentence of a paragraph of prose, whose lines may be broken anywhere
//   "L " the first sentence of a line that must stay a line: a heading, a verse, a line of its own
//   "S " a further sentence of the same paragraph or line
//   "B"  an empty line

import { readText, writeLine } from 'taika';

const enders = '.!?';
const closers = '”’")]';
/** What stands before a full stop that ends no sentence. */
const abbreviations = [
  'Mr',
  'Mrs',
  'Messrs',
  'Dr',
  'St',
  'Capt',
  'Rev',
  'Hon',
  'Esq',
  'Co',
  'No',
  'Vol',
  'Chap',
  'e.g',
  'i.e',
  'viz',
  'etc',
];

function endsWithAbbreviation(text: string): bool {
  const word = text.substring(text.lastIndexOf(' ') + 1);
  if (word.length == 1 && word >= 'A' && word <= 'Z' && word != 'I') return true;
  for (let i = 0; i < abbreviations.length; i++) if (word.endsWith(abbreviations[i])) return true;
  return false;
}

/** Where the sentence that begins at `from` ends, its closing quotes included. */
function sentenceEnd(text: string, from: i32): i32 {
  for (let i = from; i < text.length; i++) {
    if (!enders.includes(text.charAt(i))) continue;
    let end = i + 1;
    while (end < text.length && (enders.includes(text.charAt(end)) || closers.includes(text.charAt(end))))
      end++;
    if (end == text.length) return end;
    if (text.charAt(end) != ' ') continue;
    const next = text.charAt(end + 1);
    const isSmall = next >= 'a' && next <= 'z';
    if (!isSmall && !(text.charAt(i) == '.' && endsWithAbbreviation(text.substring(from, i)))) return end;
  }
  return text.length;
}

function writeSentences(tag: string, text: string): void {
  let from = 0;
  let mark = tag;
  while (from < text.length) {
    const end = sentenceEnd(text, from);
    writeLine(mark + ' ' + text.substring(from, end));
    mark = 'S';
    from = end + 1;
  }
}

function writeParagraph(lines: string[]): void {
  if (lines.length == 0) return;
  let isProse = lines.length > 1;
  for (let i = 0; i < lines.length; i++) if (lines[i].startsWith(' ')) isProse = false;
  if (isProse) writeSentences('P', lines.join(' '));
  else for (let i = 0; i < lines.length; i++) writeSentences('L', lines[i]);
}

const lines = readText().split('\n');
if (lines[lines.length - 1] == '') lines.pop();
let paragraph: string[] = [];
for (let i = 0; i < lines.length; i++) {
  if (lines[i].trim() != '') {
    paragraph.push(lines[i].trimEnd());
    continue;
  }
  writeParagraph(paragraph);
  paragraph = [];
  writeLine('B');
}
writeParagraph(paragraph);
