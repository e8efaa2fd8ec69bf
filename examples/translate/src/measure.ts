/**
 * Compares a translation with its original: `node examples/translate/src/measure.ts french.txt`. Prints the figures of
 * README.md, and with `--draw` draws its picture anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { colours, drawPlot, everyTick } from '@taika/example-plots/plot';

export interface Measure {
  readonly paragraphs: readonly [original: number, translation: number];
  readonly emptyLines: readonly [original: number, translation: number];
  /** By chapter in the order of the book, the share of its small-letter words that are not left as they were. */
  readonly chapters: readonly number[];
  /** The same of the whole book. */
  readonly translated: number;
}

export function measure(original: string, translation: string): Measure {
  const [before, after] = [original, translation].map(paragraphsOf) as [string[], string[]];
  const chapters: { words: number; kept: number }[] = [];
  for (const [index, paragraph] of before.entries()) {
    if (/^(CHAPTER|GENESIS|JONAH) \d+/.test(paragraph)) chapters.push({ words: 0, kept: 0 });
    const chapter = chapters.at(-1);
    if (chapter === undefined) continue;
    const there = new Set(wordsOf(after[index] ?? ''));
    const words = wordsOf(paragraph);
    chapter.words += words.length;
    chapter.kept += words.filter((word) => there.has(word)).length;
  }
  const share = (counts: readonly { words: number; kept: number }[]) => {
    const sum = (key: 'words' | 'kept') => counts.reduce((total, count) => total + count[key], 0);
    return 1 - sum('kept') / sum('words');
  };
  return {
    paragraphs: [before.length, after.length],
    emptyLines: [emptyLinesOf(original), emptyLinesOf(translation)],
    chapters: chapters.map((chapter) => share([chapter])),
    translated: share(chapters),
  };
}

function paragraphsOf(text: string): string[] {
  return text.trim().split(/\n(?:[ \t]*\n)+/);
}

function emptyLinesOf(text: string): number {
  return text.split('\n').filter((line) => line.trim() === '').length;
}

/** Words in small letters: names are the same in both languages. */
function wordsOf(paragraph: string): string[] {
  return paragraph.match(/(?<![\p{Letter}’])[a-zà-ÿœ]+(?![\p{Letter}])/gu) ?? [];
}

export function drawCoverage({ chapters }: Measure): string {
  return drawPlot({
    title: 'How much of each chapter the two tables know',
    x: {
      title: 'chapter: 135 of Moby-Dick, 50 of Genesis, 4 of Jonah',
      from: 0,
      to: 200,
      ticks: everyTick(0, 200, 20),
    },
    y: { title: '% of words translated', from: 0, to: 100, ticks: everyTick(0, 100, 20) },
    series: [
      {
        name: 'words translated',
        points: chapters.map((share, index) => [index + 1, 100 * share] as const),
        style: 'points',
        colour: colours.blue,
      },
    ],
  });
}

if (import.meta.main) {
  const path = process.argv.slice(2).find((word) => !word.startsWith('--'));
  if (path === undefined) {
    console.error('Usage: node measure.ts french.txt [--draw]');
    process.exit(2);
  }
  const original = readFileSync(new URL('../library.txt', import.meta.url), 'utf8');
  const measured = measure(original, readFileSync(path, 'utf8'));
  console.log(`paragraphs   ${measured.paragraphs.join(' → ')}`);
  console.log(`empty lines  ${measured.emptyLines.join(' → ')}`);
  console.log(`chapters     ${measured.chapters.length}`);
  console.log(`translated   ${(100 * measured.translated).toFixed(1)} % of the words`);
  if (process.argv.includes('--draw'))
    writeFileSync(new URL('../coverage.svg', import.meta.url), drawCoverage(measured));
}
