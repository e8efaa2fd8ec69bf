import { inspect } from 'node:util';
import { visibleText } from './visible-text.ts';

/**
 * Has everything that commands print pass `visibleText`: names, logs and reasons are of other people's making, and one
 * command that forgets it would be enough. Results are written to the streams themselves, as the bytes that they are.
 */
export function guardConsole(): void {
  for (const method of ['log', 'error', 'warn', 'info'] as const) {
    const print = console[method].bind(console);
    console[method] = (...words: unknown[]) => {
      print(
        '%s',
        words.map((word) => visibleText(typeof word === 'string' ? word : inspect(word))).join(' '),
      );
    };
  }
}
