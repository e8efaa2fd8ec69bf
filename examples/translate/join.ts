// Stage 3: puts the sentences together as the document was laid out: paragraphs broken at 72 columns, lines that are lines
// of their own left alone, empty lines where they were.

import { readLines, writeLine } from 'taika';

const columns = 72;

let tag = 'B';
let text = '';

function flush(): void {
  if (tag == 'L') writeLine(text);
  if (tag == 'P') {
    const words = text.split(' ');
    let line = words[0];
    for (let i = 1; i < words.length; i++) {
      if (line.length + 1 + words[i].length > columns) {
        writeLine(line);
        line = words[i];
      } else line += ' ' + words[i];
    }
    writeLine(line);
  }
  tag = 'B';
  text = '';
}

const lines = readLines();
for (let i = 0; i < lines.length; i++) {
  const mark = lines[i].charAt(0);
  if (mark == 'S') {
    text += ' ' + lines[i].substring(2);
    continue;
  }
  flush();
  tag = mark;
  if (mark == 'B') writeLine('');
  else text = lines[i].substring(2);
}
flush();
