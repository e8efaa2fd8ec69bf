import { SplitError } from './split-error.ts';
import { emptyInput } from './split-refusals.ts';
import { createUnitCutter, nothing, type SplitBounds, type Splitter, type UnitRange } from './splitter.ts';

/** Units of so many parts, each with its line `part BYTES` before it: what the `parts` merge wrote. */
export function createPartsSplitter(partsPerUnit: number, bounds: SplitBounds): Splitter {
  const cutter = createUnitCutter(bounds);
  let position = 0;
  let unitStart = 0;
  let parts = 0;
  /** The line that is being read; where the part that is being passed over ends. */
  let line = '';
  let partEnd = 0;

  const cut = (): UnitRange => {
    const range = cutter.cut({ offset: unitStart, length: partEnd - unitStart });
    unitStart = partEnd;
    parts = 0;
    return range;
  };

  /** Reads on in a line; gives where in the chunk to go on. */
  const readLine = (chunk: Uint8Array, from: number, found: UnitRange[]): number => {
    const end = chunk.indexOf(0x0a, from);
    line += new TextDecoder('latin1').decode(chunk.subarray(from, end === -1 ? chunk.length : end));
    if (line.length > lineCharactersMax) {
      throw notParts(position + from);
    }
    if (end === -1) {
      return chunk.length;
    }
    const bytes = /^part (0|[1-9][0-9]{0,12})$/.exec(line)?.[1];
    if (bytes === undefined) {
      throw notParts(position + from);
    }
    if (parts === partsPerUnit) {
      found.push(cut());
    }
    line = '';
    parts += 1;
    partEnd = position + end + 1 + Number(bytes);
    return end + 1;
  };

  return {
    push(chunk) {
      const found: UnitRange[] = [];
      for (let at = 0; at < chunk.length; ) {
        const isInPart = position + at < partEnd;
        at = isInPart ? Math.min(chunk.length, partEnd - position) : readLine(chunk, at, found);
      }
      position += chunk.length;
      return found;
    },
    end() {
      if (position === 0) {
        throw emptyInput();
      }
      if (line !== '' || partEnd !== position) {
        throw notParts(position);
      }
      return [cut()];
    },
    header: () => nothing,
    trailer: () => nothing,
  };
}

const lineCharactersMax = 20;

function notParts(at: number): SplitError {
  return new SplitError(
    'not-parts',
    `The input is not made of parts: at byte ${at} no line "part BYTES" begins, or it ends too early.`,
    'A split by parts reads what a merge by parts wrote in the stage before it.',
  );
}
