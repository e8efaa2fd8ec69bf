// Stage 2: translates English sentences into French, word by word and phrase by phrase, by two tables: a dictionary, and
// phrases of our own that go before it. A little grammar helps: endings of plurals and verbs, gender of articles by the
// ending of the noun, "X’s Y" as "Y de X", elision, contraction, and French typography. A word in neither table stays.
//
// In and out: lines as segment.ts writes them. Each line is translated by itself, so units may be of any size.

import { readFile, readLines, writeLine } from 'taika';

const table = new Map<string, string>();
/** Words of the longest phrase that begins with a word. */
const longest = new Map<string, i32>();

function readTable(name: string): void {
  const bytes = readFile(name);
  const lines = String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length).split('\n');
  for (let i = 0; i < lines.length; i++) {
    const tab = lines[i].indexOf('\t');
    if (tab < 0 || lines[i].startsWith('#')) continue;
    const english = lines[i].substring(0, tab);
    table.set(english, lines[i].substring(tab + 1));
    const words = english.split(' ');
    if (!longest.has(words[0]) || longest.get(words[0]) < words.length) longest.set(words[0], words.length);
  }
}

function isLetter(code: i32): bool {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 192 && code < 0x250);
}

/** A sentence as words and what stands before, between and behind them: one gap more than words. */
class Sentence {
  words: string[] = [];
  gaps: string[] = [];

  constructor(text: string) {
    let gapStart = 0;
    let at = 0;
    while (at < text.length) {
      if (!isLetter(text.charCodeAt(at))) {
        at++;
        continue;
      }
      let end = at + 1;
      // An apostrophe belongs to the word where a letter follows it.
      while (
        end < text.length &&
        (isLetter(text.charCodeAt(end)) ||
          (text.charAt(end) == '’' && end + 1 < text.length && isLetter(text.charCodeAt(end + 1))))
      )
        end++;
      this.gaps.push(text.substring(gapStart, at));
      this.words.push(text.substring(at, end));
      gapStart = end;
      at = end;
    }
    this.gaps.push(text.substring(gapStart));
  }
}

function plural(french: string): string {
  if (french.includes(' ') || french.endsWith('s') || french.endsWith('x') || french.endsWith('z'))
    return french;
  if (french.endsWith('eau') || french.endsWith('eu')) return french + 'x';
  if (french.endsWith('al')) return french.substring(0, french.length - 2) + 'aux';
  return french + 's';
}

/** The form of a verb that ends in `er`, `ir` or `re`; "" for another word. */
function verbForm(infinitive: string, er: string, ir: string, re: string): string {
  const stem = infinitive.substring(0, infinitive.length - 2);
  if (infinitive.length < 4 || infinitive.includes(' ')) return '';
  if (infinitive.endsWith('er')) return stem + (stem.endsWith('g') && er.startsWith('a') ? 'e' : '') + er;
  if (infinitive.endsWith('ir')) return stem + ir;
  if (infinitive.endsWith('re')) return stem + re;
  return '';
}

/** Bases that an English word may come from by this ending: walk-ed, lov-ed, stopp-ed, carri-ed. */
function bases(word: string, ending: string): string[] {
  const stem = word.substring(0, word.length - ending.length);
  const found = [stem, stem + 'e'];
  if (stem.length > 2 && stem.charAt(stem.length - 1) == stem.charAt(stem.length - 2))
    found.push(stem.substring(0, stem.length - 1));
  if (stem.endsWith('i')) found.push(stem.substring(0, stem.length - 1) + 'y');
  return found;
}

function byEnding(word: string, ending: string): string {
  if (!word.endsWith(ending) || word.length < ending.length + 2) return '';
  const candidates = bases(word, ending);
  for (let i = 0; i < candidates.length; i++) {
    if (!table.has(candidates[i])) continue;
    const french = table.get(candidates[i]);
    if (ending == 's' || ending == 'es') {
      const third = verbForm(french, 'e', 'it', '');
      return third != '' ? third : plural(french);
    }
    if (ending == 'ly') return french.endsWith('e') ? french + 'ment' : french + 'ement';
    const form =
      ending == 'ed' ? verbForm(french, 'a', 'it', 'it') : verbForm(french, 'ant', 'issant', 'ant');
    if (form != '') return form;
    if (ending == 'ed') return french;
  }
  return '';
}

/** A word in French, "" where it is not known. */
function translateWord(word: string): string {
  if (table.has(word)) return table.get(word);
  const lower = word.toLowerCase();
  if (table.has(lower)) return table.get(lower);
  let found = byEnding(lower, 's');
  if (found == '') found = byEnding(lower, 'es');
  if (found == '') found = byEnding(lower, 'ed');
  if (found == '') found = byEnding(lower, 'ing');
  if (found == '') found = byEnding(lower, 'ly');
  return found;
}

const feminine = [
  'tion',
  'sion',
  'té',
  'ette',
  'ure',
  'ance',
  'ence',
  'ie',
  'elle',
  'esse',
  'ade',
  'ude',
  'aison',
  'ée',
  'ère',
  'ille',
  'ine',
  'aine',
  'euse',
  'rice',
  'que',
];

function isFeminine(noun: string): bool {
  const one = noun.endsWith('s') ? noun.substring(0, noun.length - 1) : noun;
  for (let i = 0; i < feminine.length; i++) if (one.endsWith(feminine[i])) return true;
  return feminineNouns.has(one);
}

const feminineNouns = new Set<string>();
const known = [
  'mer',
  'baleine',
  'main',
  'tête',
  'nuit',
  'terre',
  'maison',
  'chose',
  'femme',
  'fin',
  'fois',
  'voix',
  'mort',
  'eau',
  'lune',
  'côte',
  'porte',
  'place',
  'force',
  'vie',
  'dent',
  'peau',
  'chair',
  'vague',
  'ville',
  'table',
  'corde',
  'lampe',
  'jambe',
  'âme',
  'heure',
  'année',
  'pensée',
  'mâchoire',
  'lance',
  'forme',
  'couleur',
  'peur',
  'fleur',
  'ombre',
  'chambre',
  'loi',
  'foi',
  'façon',
  'partie',
  'vue',
  'route',
];
for (let i = 0; i < known.length; i++) feminineNouns.add(known[i]);

function startsWithVowel(word: string): bool {
  return word.length > 0 && 'aeiouyhâàéèêëîïôûœæ'.includes(word.charAt(0).toLowerCase());
}

/** Articles after their noun is known: ~the and ~a stand for them in the tables. */
function article(sign: string, noun: string): string {
  const isPlural = noun.endsWith('s') || noun.endsWith('x');
  if (sign == '~a') return isFeminine(noun) ? 'une' : 'un';
  return isPlural ? 'les' : isFeminine(noun) ? 'la' : 'le';
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.substring(1);
}

const eliding = ['le', 'la', 'de', 'que', 'ne', 'je', 'me', 'te', 'se', 'ce'];

/** Two neighbours as French writes them: l’eau, d’or, du, au, des, aux. "" where they stay two words. */
function contracted(first: string, second: string): string {
  // "au milieu de" and "les" too.
  const start = first.lastIndexOf(' ') + 1;
  const before = first.substring(0, start);
  const word = first.substring(start);
  const lower = word.toLowerCase();
  if (eliding.includes(lower) && startsWithVowel(second))
    return before + word.substring(0, word.length - 1) + '’' + second;
  const isDe = lower == 'de';
  if (!isDe && lower != 'à') return '';
  let short = '';
  if (second == 'le') short = isDe ? 'du' : 'au';
  if (second == 'les') short = isDe ? 'des' : 'aux';
  return short == '' ? '' : before + (word.charAt(0) == lower.charAt(0) ? short : capitalised(short));
}

/** Typography: guillemets with spaces inside, and a space before what stands high. */
function frenchGap(gap: string): string {
  return gap
    .replaceAll('“', '« ')
    .replaceAll('”', ' »')
    .replaceAll(';', ' ;')
    .replaceAll(':', ' :')
    .replaceAll('!', ' !')
    .replaceAll('?', ' ?');
}

function isPronounI(word: string): bool {
  return word == 'I' || word.startsWith('I’');
}

function translate(text: string): string {
  const sentence = new Sentence(text);
  const words = sentence.words;
  const gaps = sentence.gaps;
  const french: string[] = [];
  const between: string[] = [];
  for (let i = 0; i < words.length; ) {
    between.push(gaps[i]);
    const first = words[i].toLowerCase();
    const isUpper = words[i].length > 1 && words[i] == words[i].toUpperCase();
    // "I" is always large and "je" is not.
    const isCapital = words[i].charAt(0) != first.charAt(0) && (i == 0 || !isPronounI(words[i]));
    let found = '';
    let taken = 1;
    for (let length = longest.has(first) ? longest.get(first) : 1; length > 1 && found == ''; length--) {
      if (i + length > words.length) continue;
      let phrase = first;
      let isJoined = true;
      for (let k = 1; k < length; k++) {
        if (gaps[i + k] != ' ') isJoined = false;
        phrase += ' ' + words[i + k].toLowerCase();
      }
      if (isJoined && table.has(phrase)) {
        found = table.get(phrase);
        taken = length;
      }
    }
    // "the captain’s leg": what is owned goes first.
    if (
      found == '' &&
      words[i].endsWith('’s') &&
      !table.has(first) &&
      i + 1 < words.length &&
      gaps[i + 1] == ' '
    ) {
      const owner = words[i].substring(0, words[i].length - 2);
      const owned = translateWord(words[i + 1]);
      const who = translateWord(owner);
      found = (owned == '' ? words[i + 1] : owned) + ' de ' + (who == '' ? owner : who);
      taken = 2;
    }
    if (found == '') found = translateWord(words[i]);
    if (found == '') found = words[i];
    else if (isUpper) found = found.toUpperCase();
    else if (isCapital && (i == 0 || !gaps[i].endsWith(' ') || gaps[i].length > 1))
      found = capitalised(found);
    french.push(found);
    i += taken;
  }
  let result = '';
  for (let i = 0; i < french.length; i++) {
    const sign = french[i].toLowerCase();
    if (sign == '~the' || sign == '~a') {
      const noun = i + 1 < french.length ? french[i + 1].toLowerCase() : '';
      const chosen = article(sign, noun);
      french[i] = french[i].charAt(1) >= 'A' && french[i].charAt(1) <= 'Z' ? chosen.toUpperCase() : chosen;
      if (i == 0 && words[0].charAt(0) != words[0].charAt(0).toLowerCase())
        french[i] = capitalised(french[i]);
    }
  }
  // From the end, so that "de le homme" first becomes "de l’homme".
  for (let i = french.length - 2; i >= 0; i--) {
    if (between[i + 1] != ' ') continue;
    const both = contracted(french[i], french[i + 1]);
    if (both == '') continue;
    french[i] = both;
    french.splice(i + 1, 1);
    between.splice(i + 1, 1);
  }
  for (let i = 0; i < french.length; i++) result += frenchGap(between[i]) + french[i];
  return result + frenchGap(gaps[words.length]);
}

readTable('dictionary.tsv');
readTable('phrases.tsv');
const lines = readLines();
for (let i = 0; i < lines.length; i++) {
  const line = lines[i];
  writeLine(line.length < 3 ? line : line.substring(0, 2) + translate(line.substring(2)));
}
