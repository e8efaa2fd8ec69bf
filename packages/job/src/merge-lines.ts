import type { Merger } from './merger.ts';

export const lineFeed = Uint8Array.of(0x0a);

/** As concat, and an output whose last line is not ended is ended by `lineEnd`. An empty output adds nothing. */
export function createLineMerger(lineEnd: () => Uint8Array = () => lineFeed): Merger {
  let isLineOpen = false;
  return {
    push(chunk) {
      if (chunk.length === 0) {
        return [];
      }
      isLineOpen = chunk[chunk.length - 1] !== 0x0a;
      return [chunk];
    },
    endOutput() {
      const ending = isLineOpen ? [lineEnd()] : [];
      isLineOpen = false;
      return ending;
    },
  };
}
