import { visibleText } from '@taika/cli/visible-text';

/** Tells a person what happens, step by step, with the numbers that the patent application gives its steps. */
export interface Story {
  heading(text: string): void;
  /** One step: its number in the application where it has one, and what is true now. */
  step(number: string, text: string): void;
  /** Text as it is, indented: a table, a plot, an address. */
  show(text: string): void;
}

/** Writes to standard output, or to standard error where standard output is for JSON. */
export function createStory(stream: NodeJS.WriteStream): Story {
  const line = (text: string) => stream.write(`${text}\n`);
  return {
    heading: (text) => line(`\n${stream.isTTY ? bold(text) : text}`),
    step: (number, text) =>
      line(`  ${number.padStart(9)}  ${visibleText(text).replaceAll('\n', `\n${' '.repeat(13)}`)}`),
    show: (text) => line(visibleText(text).replaceAll(/^/gm, ' '.repeat(13))),
  };
}

function bold(text: string): string {
  return `\u001b[1m${text}\u001b[22m`;
}
