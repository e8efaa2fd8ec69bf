import { SplitError } from './split-error.ts';
import type { SplitBounds } from './splitter.ts';

export function noUnit(reason: string, remedy: string): SplitError {
  return new SplitError('no-unit', reason, remedy);
}

export function emptyInput(): SplitError {
  return noUnit('The input is empty, so there is nothing to compute.', 'Check that the right file was sent.');
}

export function tooManyUnits({ unitsMax }: SplitBounds): SplitError {
  return new SplitError(
    'too-many-units',
    `The input makes more than ${unitsMax} units.`,
    'Put more into each unit: raise split.records, split.bytes or split.targetSeconds.',
  );
}

export function unitTooLarge(what: string, { unitBytesMax }: SplitBounds): SplitError {
  return new SplitError(
    'unit-too-large',
    `A unit holds at most ${unitBytesMax} bytes, and ${what} is larger.`,
    'Put less into each unit: lower split.records or split.bytes, or check that split.by fits the file.',
  );
}

export function headerTooLarge({ headerBytesMax }: SplitBounds): SplitError {
  return new SplitError(
    'header-too-large',
    `The header is longer than ${headerBytesMax} bytes.`,
    'Check that the first record is a header, or set split.header to false.',
  );
}
