import type { SplitSource } from './plan-split.ts';
import { describeEnd, type ProgramRunner } from './program-runner.ts';
import type { InputSplit } from './split.ts';
import { SplitError } from './split-error.ts';
import { emptyInput, headerTooLarge, unitTooLarge } from './split-refusals.ts';
import { createUnitCutter, nothing, type SplitBounds, type UnitCutter, type UnitRange } from './splitter.ts';

/** Bytes of the input that the program sees at a time; doubled while it finds no unit in them. */
const partBytes = 4 * 1024 * 1024;
const partBytesMax = 64 * 1024 * 1024;

/**
 * Units as a program of the customer's cuts them. It sees the input part by part: a first line, `more` or `last`, and then
 * bytes. It prints, a line each, what it finds from the part's beginning on: `unit BYTES`, `skip BYTES`, and, once and first of
 * all, `header BYTES`. What it says nothing of is the beginning of the next part; of the last part it says all.
 */
export function splitByProgram(
  source: SplitSource,
  openProgram: () => Promise<ProgramRunner>,
  bounds: SplitBounds,
): InputSplit {
  const state: SplitState = { position: 0, header: nothing, cutter: createUnitCutter(bounds), bounds };
  return {
    header: () => state.header,
    trailer: () => nothing,
    async *[Symbol.asyncIterator]() {
      if (source.bytes === 0) {
        throw emptyInput();
      }
      await using program = await openProgram();
      for (let length = partBytes; state.position < source.bytes; ) {
        const offset = state.position;
        const part = await source.read({ offset, length: Math.min(length, source.bytes - offset) });
        const isLast = offset + part.length === source.bytes;
        const found = readAnswer(await askProgram(program, part, isLast), part.length, state);
        yield* found;
        if (isLast && state.position < source.bytes) {
          throw notUnderstood(`it left ${source.bytes - state.position} bytes at the end to no unit`);
        }
        length = state.position > offset ? partBytes : length * 2;
        if (length > partBytesMax) {
          throw unitTooLarge(`what begins at byte ${offset}`, { ...bounds, unitBytesMax: partBytesMax });
        }
      }
      if (state.cutter.units === 0) {
        throw new SplitError(
          'no-unit',
          'The split program found no unit.',
          'Check the input, or the program.',
        );
      }
    },
  };
}

interface SplitState {
  /** Bytes of the input that the program has said something of. */
  position: number;
  header: UnitRange;
  readonly cutter: UnitCutter;
  readonly bounds: SplitBounds;
}

async function askProgram(program: ProgramRunner, part: Uint8Array, isLast: boolean): Promise<string> {
  const line = new TextEncoder().encode(isLast ? 'last\n' : 'more\n');
  const input = new Uint8Array(line.length + part.length);
  input.set(line);
  input.set(part, line.length);
  const outcome = await program.run(input);
  if (outcome.kind !== 'completed' || outcome.exitCode !== 0) {
    throw notUnderstood(describeEnd(outcome));
  }
  return new TextDecoder().decode(outcome.output);
}

/** The units of one answer; moves `state` on. */
function readAnswer(answer: string, partLength: number, state: SplitState): UnitRange[] {
  const start = state.position;
  const units: UnitRange[] = [];
  for (const line of answer.split('\n')) {
    if (line === '') {
      continue;
    }
    const [, what, digits = ''] = /^(unit|skip|header) (\d{1,10})$/.exec(line) ?? [];
    const range = { offset: state.position, length: Number(digits) };
    if (what === undefined) {
      throw notUnderstood(`it printed ${JSON.stringify(line.slice(0, 80))}`);
    }
    if (range.offset + range.length > start + partLength) {
      throw notUnderstood(`it printed "${line}" where ${start + partLength - range.offset} bytes were left`);
    }
    if (what === 'header') {
      takeHeader(range, state);
    } else if (what === 'unit') {
      units.push(state.cutter.cut(range));
    }
    state.position += range.length;
  }
  return units;
}

function takeHeader(range: UnitRange, state: SplitState): void {
  if (range.offset > 0 || state.header.length > 0) {
    throw notUnderstood(
      `it printed a header at byte ${range.offset}, and only the input's beginning can be one`,
    );
  }
  if (range.length > state.bounds.headerBytesMax) {
    throw headerTooLarge(state.bounds);
  }
  state.header = range;
}

function notUnderstood(reason: string): SplitError {
  return new SplitError(
    'split-program-failed',
    `The split program could not be followed: ${reason}.`,
    'It prints a line for each piece, "unit BYTES", "skip BYTES" or "header BYTES", until nothing is left.',
  );
}
