import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEntries } from './make-dictionary.ts';
import { layOutVerses } from './make-library.ts';
import { measure } from './measure.ts';

test('a dictionary’s entry is its headword and the first word of its first sense', () => {
  const text = `zeal /ziːl/
ferveur, zèle
abandon /əbændən/
1. abdiquer
2. abandonner
you're welcome /jɔːrwelkəm/
cela ne fait rien
Zulu /zʌluː/
Zoulou
to the /tə/
à l'
ago /əɡəʊ/
il y a ...
abandon /x/
quitter
`;
  assert.deepEqual(
    [...readEntries(text)],
    [
      ['zeal', 'ferveur'],
      ['abandon', 'abdiquer'],
      ["you're welcome", 'cela ne fait rien'],
    ],
  );
});

test('verses stand under their chapters, each a line of its own', () => {
  const text = layOutVerses('Ge1:1 In the beginning.\nGe1:2 And the earth.\nGe2:1 Thus.\n');
  assert.equal(
    text,
    '\n\nGENESIS 1\n\n  1 In the beginning.\n  2 And the earth.\n\n\nGENESIS 2\n\n  1 Thus.\n',
  );
  assert.throws(() => layOutVerses('Chapter one\n'), /no verse/);
});

test('a word counts as translated where it does not stand in the paragraph any more', () => {
  const { translated, chapters, paragraphs } = measure(
    'CHAPTER 1\n\nthe old whale\n\nCHAPTER 2\n\nAhab sat\n',
    'CHAPITRE 1\n\nle vieux whale\n\nCHAPITRE 2\n\nAhab était assis\n',
  );
  assert.deepEqual(paragraphs, [4, 4]);
  assert.deepEqual(chapters, [1 - 1 / 3, 1]);
  assert.equal(translated, 0.75);
});
