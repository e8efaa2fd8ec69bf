import { unitTooLarge } from './split-refusals.ts';
import { nothing, type SplitBounds, type Splitter } from './splitter.ts';

/** One unit, and also of nothing: a program may have something to say of an empty result. */
export function createWholeSplitter(bounds: SplitBounds): Splitter {
  let length = 0;
  return {
    push(chunk) {
      length += chunk.length;
      if (length > bounds.unitBytesMax) {
        throw unitTooLarge('the input', bounds);
      }
      return [];
    },
    end: () => [{ offset: 0, length }],
    header: () => nothing,
    trailer: () => nothing,
  };
}
