import { quotedWord } from './shown-text.ts';
import { SplitError } from './split-error.ts';
import { noUnit } from './split-refusals.ts';
import {
  createUnitCutter,
  nothing,
  type SplitBounds,
  type Splitter,
  type UnitCutter,
  type UnitRange,
} from './splitter.ts';
import {
  centralSignature,
  encryptedFlag,
  endSignature,
  localHeaderBytes,
  localSignature,
  seeZip64,
  sizesFollowFlag,
  zip64EndSignature,
} from './zip-format.ts';
import { isArchiveName } from './zip-names.ts';

/** One unit a file of an archive without compression, in the archive's order. Folders make no unit. */
export function createArchiveSplitter(bounds: SplitBounds): Splitter {
  const cutter = createUnitCutter(bounds);
  let position = 0;
  /** Of the part that is being read, where it begins and what of it is here already. */
  let partStart = 0;
  let part: Uint8Array = new Uint8Array(0);
  let state: 'header' | 'file' | 'list' = 'header';
  let fileEnd = 0;

  /** Reads the header that `part` and the chunk from `from` on hold; gives where in the chunk to go on. */
  const pushHeader = (chunk: Uint8Array, from: number, found: UnitRange[]): number => {
    const before = part.length;
    const rest = chunk.subarray(from, from + headerBytesMax - before);
    const bytes = before === 0 ? rest : joined(part, rest);
    const header = parseLocalHeader(bytes, partStart);
    part = new Uint8Array(0);
    if (header === 'list') {
      state = 'list';
      return chunk.length;
    }
    if (header === undefined) {
      part = bytes.slice();
      return chunk.length;
    }
    const offset = partStart + header.headerBytes;
    const unit = cutFile(cutter, { offset, length: header.fileBytes, name: header.name });
    if (unit !== undefined) {
      found.push(unit);
    }
    fileEnd = offset + header.fileBytes;
    state = 'file';
    return from + header.headerBytes - before;
  };

  return {
    push(chunk) {
      const found: UnitRange[] = [];
      for (let at = 0; at < chunk.length && state !== 'list'; ) {
        if (state === 'header') {
          partStart = position + at - part.length;
          at = pushHeader(chunk, at, found);
        }
        if (state === 'file') {
          at = Math.min(chunk.length, fileEnd - position);
          state = position + at === fileEnd ? 'header' : 'file';
        }
      }
      position += chunk.length;
      return found;
    },
    end() {
      if (state !== 'list') {
        throw notAnArchive(
          position === 0
            ? 'it is empty'
            : `it ends at byte ${position}, in the middle of a file or before its list`,
        );
      }
      if (cutter.units === 0) {
        throw noUnit('The archive holds no file.', 'Check the directory or the pattern that input names.');
      }
      return [];
    },
    header: () => nothing,
    trailer: () => nothing,
  };
}

/** A header with the longest name and extra part that the format allows. */
const headerBytesMax = localHeaderBytes + 2 * 0xffff;

function cutFile(cutter: UnitCutter, file: UnitRange & { readonly name: string }): UnitRange | undefined {
  return file.name.endsWith('/') && file.length === 0 ? undefined : cutter.cut(file);
}

/** A file's header; `list` where the files are over; undefined where more bytes are needed. Throws `SplitError`. */
function parseLocalHeader(part: Uint8Array, at: number) {
  if (part.length < 4) {
    return undefined;
  }
  const view = new DataView(part.buffer, part.byteOffset, part.length);
  const signature = view.getUint32(0, true);
  if (signature === centralSignature || signature === endSignature || signature === zip64EndSignature) {
    return 'list' as const;
  }
  if (signature !== localSignature) {
    throw notAnArchive(`there is no file's header at byte ${at}`);
  }
  if (part.length < localHeaderBytes) {
    return undefined;
  }
  const headerBytes = localHeaderBytes + view.getUint16(26, true) + view.getUint16(28, true);
  if (part.length < headerBytes) {
    return undefined;
  }
  const name = new TextDecoder().decode(
    part.subarray(localHeaderBytes, localHeaderBytes + view.getUint16(26, true)),
  );
  if (!isArchiveName(name)) {
    throw notAnArchive(
      `the file name ${quotedWord(name)} is no relative path with slashes`,
      'Rename that file and make the archive again, with `zip -0 -r` in the folder of the files.',
    );
  }
  const flags = view.getUint16(6, true);
  const fileBytes = view.getUint32(22, true);
  if ((flags & encryptedFlag) !== 0 || view.getUint16(8, true) !== 0) {
    throw notAnArchive(`the file ${name} is compressed or encrypted`);
  }
  if ((flags & sizesFollowFlag) !== 0 || fileBytes === seeZip64) {
    throw notAnArchive(`the size of the file ${name} is not written before it`);
  }
  return { name, headerBytes, fileBytes };
}

function notAnArchive(
  reason: string,
  remedy = 'Name the directory or a pattern as input; an archive of your own is made with `zip -0 -r`.',
): SplitError {
  return new SplitError('not-an-archive', `The input is no ZIP archive of plain files: ${reason}.`, remedy);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
