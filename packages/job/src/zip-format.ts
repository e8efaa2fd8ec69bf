/**
 * The parts of a ZIP file that we write and read (APPNOTE.TXT 6.3.10, sections 4.3 and 4.5): entries without compression,
 * sizes known before the bytes, so that it can be written and read as a stream. Times are fixed, so that the same files make
 * the same archive.
 */
export const localSignature = 0x04034b50;
export const centralSignature = 0x02014b50;
export const zip64EndSignature = 0x06064b50;
export const zip64LocatorSignature = 0x07064b50;
export const endSignature = 0x06054b50;
export const localHeaderBytes = 30;
/** Bit 11 of the flags: names are UTF-8. Bit 3: sizes follow the bytes. Bit 0: encrypted. */
export const utf8Flag = 0x0800;
export const sizesFollowFlag = 0x0008;
export const encryptedFlag = 0x0001;
/** A field with this value has its true one in the ZIP64 part. */
export const seeZip64 = 0xffffffff;

/** One file of an archive. */
export interface ZipEntry {
  readonly name: Uint8Array;
  readonly bytes: number;
  readonly crc32: number;
}

/** Readers of version 2.0 know directories and names; 4.5 knows ZIP64. */
const version20 = 20;
const version45 = 45;
/** 1 January 1980, the earliest day that the format knows. */
const fixedDate = 0x0021;

export function localHeader({ name, bytes, crc32 }: ZipEntry): Uint8Array {
  const out = new ZipFields(localHeaderBytes + name.length);
  out.u32(localSignature).u16(version20).u16(utf8Flag).u16(0).u16(0).u16(fixedDate);
  out.u32(crc32).u32(bytes).u32(bytes).u16(name.length).u16(0).raw(name);
  return out.done();
}

/** The entry in the list at the archive's end; `offset` is where its local header begins. */
export function centralHeader({ name, bytes, crc32 }: ZipEntry, offset: number): Uint8Array {
  const isFar = offset >= seeZip64;
  const extra = isFar ? 12 : 0;
  const version = isFar ? version45 : version20;
  const out = new ZipFields(46 + name.length + extra);
  out.u32(centralSignature).u16(version).u16(version).u16(utf8Flag).u16(0).u16(0).u16(fixedDate);
  out.u32(crc32).u32(bytes).u32(bytes).u16(name.length).u16(extra).u16(0).u16(0).u16(0).u32(0);
  out.u32(isFar ? seeZip64 : offset).raw(name);
  if (isFar) {
    out.u16(1).u16(8).u64(offset);
  }
  return out.done();
}

/** What ends an archive whose list of `entries` entries is `listBytes` long and begins at `listOffset`. */
export function archiveEnd(entries: number, listBytes: number, listOffset: number): Uint8Array {
  const isLarge = entries >= 0xffff || listOffset + listBytes >= seeZip64;
  const out = new ZipFields(isLarge ? 56 + 20 + 22 : 22);
  if (isLarge) {
    out.u32(zip64EndSignature).u64(44).u16(version45).u16(version45).u32(0).u32(0);
    out.u64(entries).u64(entries).u64(listBytes).u64(listOffset);
    out
      .u32(zip64LocatorSignature)
      .u32(0)
      .u64(listOffset + listBytes)
      .u32(1);
  }
  const count = isLarge ? 0xffff : entries;
  out.u32(endSignature).u16(0).u16(0).u16(count).u16(count);
  out
    .u32(isLarge ? seeZip64 : listBytes)
    .u32(isLarge ? seeZip64 : listOffset)
    .u16(0);
  return out.done();
}

/** Little-endian fields one after the other. */
class ZipFields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  u64(value: number): this {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  done(): Uint8Array {
    if (this.#at !== this.#bytes.length) {
      throw new Error(`${this.#at} bytes were written into ${this.#bytes.length}.`);
    }
    return this.#bytes;
  }
}
