import { escapeObeyed } from '@taika/protocol/obeyed-characters';

/**
 * Text of a program's or an input's making, for a sentence that travels to databases, views and terminals: what they would
 * obey or refuse (control characters, NUL before all, and those that turn the direction of writing) is shown as `\u0000`.
 * Line ends and tabs stay. What is longer than `charactersMax` ends with an ellipsis.
 */
export function shownText(text: string, charactersMax: number): string {
  const shown = escapeObeyed(text.slice(0, charactersMax + 1), '\n\t').toWellFormed();
  return text.length <= charactersMax && shown.length <= charactersMax
    ? shown
    : `${shown.slice(0, charactersMax).toWellFormed()}…`;
}

/** A word out of an output, in quotation marks and on one line. */
export function quotedWord(text: string): string {
  return `"${escapeObeyed(shownText(text, wordCharactersMax))}"`;
}

/** Enough to find the word again; an output without any space is one word of megabytes. */
const wordCharactersMax = 60;
