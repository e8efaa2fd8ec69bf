import type { MergeText } from '@taika/protocol/dispatch/jobs';
import { crc32 } from './crc32.ts';
import type { MergedJob } from './merge.ts';
import { MergeError } from './merge-error.ts';
import { bytesOfOutput, type Merger, type UnitOutput } from './merger.ts';
import { seeZip64 } from './zip-format.ts';
import { zipName } from './zip-names.ts';
import { createZipWriter } from './zip-writer.ts';

/**
 * An archive with one file a unit, named as the input's file where units are files, else `unit-0042`. Reads each long output
 * twice, because its size and checksum stand before it. Keeps about 100 bytes a unit.
 */
export function createZipMerger(
  { extension }: Extract<MergeText, { by: 'zip' }>,
  { unitCount, names }: MergedJob,
): Merger {
  if (unitCount > filesMax) {
    throw tooManyFiles(unitCount);
  }
  const writer = createZipWriter();
  const nameOf = createNames(names, { extension, unitCount });
  const seen = new Set<string>();
  let unit = 0;
  return {
    async beginOutput(output) {
      const name = await nameOf(unit);
      if (seen.has(name)) {
        throw namedTwice(unit, name);
      }
      seen.add(name);
      const { bytes, checksum } = await measure(output);
      if (bytes >= seeZip64) {
        throw new Error(`The output of unit ${unit} is longer than outputs may be.`);
      }
      return [writer.begin({ name: new TextEncoder().encode(name), bytes, crc32: checksum })];
    },
    push: (chunk) => (chunk.length > 0 ? [chunk] : []),
    endOutput() {
      unit += 1;
      return [];
    },
    end: () => writer.end(),
  };
}

/** More files than this are a burden to whoever unpacks them, and to the memory of whoever packs. */
export const filesMax = 1_000_000;

function createNames(
  names: MergedJob['names'],
  { extension, unitCount }: { readonly extension: string | undefined; readonly unitCount: number },
): (unit: number) => Promise<string> {
  if (names === undefined) {
    const digits = String(Math.max(0, unitCount - 1)).length;
    return async (unit) => `unit-${String(unit).padStart(digits, '0')}${extension ?? ''}`;
  }
  const given = Symbol.asyncIterator in names ? names[Symbol.asyncIterator]() : names[Symbol.iterator]();
  return async (unit) => {
    const next = await given.next();
    if (next.done === true) {
      throw new Error(`Unit ${unit} has no name.`);
    }
    return zipName(next.value, extension);
  };
}

async function measure(output: UnitOutput): Promise<{ bytes: number; checksum: number }> {
  let bytes = 0;
  let checksum = 0;
  for await (const chunk of bytesOfOutput(output)) {
    bytes += chunk.length;
    checksum = crc32(chunk, checksum);
  }
  return { bytes, checksum };
}

function tooManyFiles(unitCount: number): MergeError {
  return new MergeError(
    'too-many-files',
    0,
    `A zip merge makes at most ${filesMax} files, and the job has ${unitCount} units.`,
    'Put more into each unit, or merge by concat.',
  );
}

function namedTwice(unit: number, name: string): MergeError {
  return new MergeError(
    'file-named-twice',
    unit,
    `The output of unit ${unit} would be a second file ${name} in the archive.`,
    'Rename one of the input’s files, or leave merge.extension away.',
  );
}
