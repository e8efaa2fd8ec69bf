import { SplitError } from './split-error.ts';
import type { UnitRange } from './splitter.ts';

/** Whether a file of an archive may be called so: a relative path that becomes the same file wherever somebody unpacks the result. */
export function isArchiveName(name: string): boolean {
  const parts = name.replace(/\/$/, '').split('/');
  return parts.every((part) => part !== '' && part !== '.' && part !== '..') && !/[\0\\]/.test(name);
}

/** The name that a file's output has in the archive of a zip merge. */
export function zipName(name: string, extension: string | undefined): string {
  return extension === undefined ? name : name.replace(/\.[^./]*$/, '') + extension;
}

/** Says of each name in turn whether its output would be a second file of the same name, and of which. */
export function createNameCheck(
  extension: string | undefined,
): (name: string) => { readonly first: string; readonly output: string } | undefined {
  const seen = new Map<string, string>();
  return (name) => {
    const output = zipName(name, extension);
    const first = seen.get(output);
    if (first !== undefined) return { first, output };
    seen.set(output, name);
    return undefined;
  };
}

/** Two files whose outputs would have one name, as a sentence and what to do. */
export function namedTwiceText(
  name: string,
  { first, output }: { readonly first: string; readonly output: string },
): { readonly reason: string; readonly remedy: string } {
  return {
    reason: `The outputs of the input's files ${first} and ${name} would both be ${output} in the merged archive.`,
    remedy: 'Rename one of them, or leave merge.extension away.',
  };
}

/** Passes units on that are files. Throws `SplitError` at the first that could not be merged: before anything is computed. */
export async function* distinctlyNamed(
  units: AsyncIterable<UnitRange>,
  extension: string | undefined,
): AsyncGenerator<UnitRange> {
  const check = createNameCheck(extension);
  for await (const unit of units) {
    const twice = unit.name === undefined ? undefined : check(unit.name);
    if (twice !== undefined) {
      const { reason, remedy } = namedTwiceText(unit.name ?? '', twice);
      throw new SplitError('file-named-twice', reason, remedy);
    }
    yield unit;
  }
}
