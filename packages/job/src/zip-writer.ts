import { joinBytes } from './merger.ts';
import { archiveEnd, centralHeader, localHeader, type ZipEntry } from './zip-format.ts';

/** Writes an archive whose entries come one after the other. Keeps names, sizes and checksums, never the bytes. */
export interface ZipWriter {
  /** The bytes that begin an entry; the entry's own bytes follow, exactly as many as it says. */
  begin(entry: ZipEntry): Uint8Array;
  /** The list of entries, piece by piece. */
  end(): Generator<Uint8Array>;
}

/** Entries written in one piece of the list. */
const entriesPerPiece = 1_000;

export function createZipWriter(): ZipWriter {
  const names: Uint8Array[] = [];
  const sizes: number[] = [];
  const checksums: number[] = [];
  let position = 0;
  return {
    begin(entry) {
      names.push(entry.name);
      sizes.push(entry.bytes);
      checksums.push(entry.crc32);
      const header = localHeader(entry);
      position += header.length + entry.bytes;
      return header;
    },
    *end() {
      let offset = 0;
      let listBytes = 0;
      let piece: Uint8Array[] = [];
      for (const [index, name] of names.entries()) {
        const entry = { name, bytes: sizes[index] ?? 0, crc32: checksums[index] ?? 0 };
        const header = centralHeader(entry, offset);
        offset += localHeader(entry).length + entry.bytes;
        listBytes += header.length;
        piece.push(header);
        if (piece.length === entriesPerPiece) {
          yield joinBytes(piece);
          piece = [];
        }
      }
      yield joinBytes([...piece, archiveEnd(names.length, listBytes, position)]);
    },
  };
}
