import { visibleText } from './visible-text.ts';

/** Prints a line for people. */
export function say(line = ''): void {
  process.stdout.write(`${visibleText(line)}\n`);
}

/** Prints a value for programs, on one line; big integers as text. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value, (_name, part) => (typeof part === 'bigint' ? part.toString() : part)));
}
