/**
 * Text of anybody's making for a terminal: what a terminal would obey (control characters, and those that turn the direction
 * of writing) is shown as `\u001b`; line ends and tabs stay. In JSON these are escapes, so JSON stays what it was.
 */
export function visibleText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(obeyed, (character) =>
      character === '\n' || character === '\t' ? character : shown(character),
    );
}

/** The same for a place of one line: line ends and tabs are shown too. */
export function visibleLine(text: string): string {
  return text.replace(obeyed, shown);
}

/** C0, DEL and C1; the marks of the bidirectional algorithm (UAX 9); what ends lines and paragraphs for some programs only. */
const obeyed = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

function shown(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
