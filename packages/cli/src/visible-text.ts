import { escapeObeyed } from '@taika/protocol/obeyed-characters';

/**
 * Text of anybody's making for a terminal: what a terminal would obey (control characters, and those that turn the direction
 * of writing) is shown as `\u001b`; line ends and tabs stay. In JSON these are escapes, so JSON stays what it was.
 */
export function visibleText(text: string): string {
  return escapeObeyed(text.replaceAll('\r\n', '\n'), '\n\t');
}

/** The same for a place of one line: line ends and tabs are shown too. */
export function visibleLine(text: string): string {
  return escapeObeyed(text);
}
