/**
 * Text of anybody's making for people's eyes: what a terminal would obey is shown as `\u001b`, but for the characters of `kept`.
 * In JSON these are escapes, so JSON says what it said.
 */
export function escapeObeyed(text: string, kept = ''): string {
  return text.replace(obeyed, (character) => (kept.includes(character) ? character : escaped(character)));
}

/** C0, DEL and C1; the marks of the bidirectional algorithm (UAX 9); what ends lines and paragraphs for some programs only. */
const obeyed = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
