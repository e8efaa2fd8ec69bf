import type { Merger } from './merger.ts';
import { measureOutput } from './merger.ts';

/** Each output after a line that says how long it is, so that any bytes can be told apart again. */
export function createPartsMerger(): Merger {
  return {
    beginOutput: async (output) => [new TextEncoder().encode(`part ${await measureOutput(output)}\n`)],
    push: (chunk) => (chunk.length > 0 ? [chunk] : []),
    endOutput: () => [],
  };
}
