/**
 * Text of a program's or an input's making, for a sentence that travels to databases, views and terminals: what they would
 * obey or refuse (control characters, NUL before all, and those that turn the direction of writing) is shown as `\u0000`.
 * Line ends and tabs stay. What is longer than `charactersMax` ends with an ellipsis.
 */
export function shownText(text: string, charactersMax: number): string {
  const shown = text
    .slice(0, charactersMax + 1)
    .replace(obeyed, (character) =>
      character === '\n' || character === '\t' ? character : escaped(character),
    )
    .toWellFormed();
  return text.length <= charactersMax && shown.length <= charactersMax
    ? shown
    : `${shown.slice(0, charactersMax).toWellFormed()}…`;
}

/** A word out of an output, in quotation marks and on one line. */
export function quotedWord(text: string): string {
  return `"${shownText(text, wordCharactersMax).replace(/[\n\t]/g, escaped)}"`;
}

/** Enough to find the word again; an output without any space is one word of megabytes. */
const wordCharactersMax = 60;

/** C0, DEL and C1; the marks of the bidirectional algorithm (UAX 9); what ends lines and paragraphs for some programs only. */
const obeyed = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
