import type { DescriptorTable, OpenFile } from './descriptors.ts';
import { errno, WasiError } from './errno.ts';
import type { Host, HostCalls } from './host-calls.ts';
import { OutputLimitReached } from './unit-end.ts';

/** Buffers in one call, as Linux bounds them: a longer list would only keep the host busy. */
const vectorsMax = 1024;

/** Reading, writing and seeking. A read always fills every buffer while bytes are left: no short reads. */
export function streamCalls(host: Host, descriptors: DescriptorTable): HostCalls {
  const { memory } = host;

  function read(file: OpenFile, position: number, vectors: number, count: number, readOut: number): number {
    let at = position;
    for (const target of buffersOf(vectors, count)) {
      const piece = file.bytes.subarray(at, at + target.length);
      target.set(piece);
      at += piece.length;
    }
    const total = Math.max(0, at - position);
    host.move(total);
    memory.writeU32(readOut, total);
    return total;
  }

  function buffersOf(vectors: number, count: number): Uint8Array[] {
    if (count >>> 0 > vectorsMax) throw new WasiError(errno.invalid);
    host.list(count);
    const buffers = [];
    for (let at = vectors >>> 0; buffers.length < count; at += 8) {
      buffers.push(memory.slice(memory.readU32(at), memory.readU32(at + 4)));
    }
    return buffers;
  }

  return {
    fd_read(number: number, vectors: number, count: number, readOut: number) {
      const file = descriptors.file(number);
      file.position += read(file, file.position, vectors, count, readOut);
      return errno.success;
    },
    fd_pread(number: number, vectors: number, count: number, offset: bigint, readOut: number) {
      const file = descriptors.file(number);
      read(file, clampOffset(BigInt.asUintN(64, offset)), vectors, count, readOut);
      return errno.success;
    },
    fd_write(number: number, vectors: number, count: number, writtenOut: number) {
      const stream = descriptors.get(number);
      if (stream.kind !== 'output') return errno.badDescriptor;
      let total = 0;
      for (const bytes of buffersOf(vectors, count)) {
        total += bytes.length;
        host.move(bytes.length);
        if (stream.sink.write(bytes) > 0 && stream.overflow === 'trap') throw new OutputLimitReached();
      }
      memory.writeU32(writtenOut, total);
      return errno.success;
    },
    fd_pwrite: () => errno.badDescriptor,
    fd_seek(number: number, offset: bigint, whence: number, positionOut: number) {
      const file = seekable(descriptors, number);
      const base = [0, file.position, file.bytes.length][whence];
      if (base === undefined) return errno.invalid;
      const position = BigInt(base) + offset;
      if (position < 0n || position > BigInt(Number.MAX_SAFE_INTEGER)) return errno.invalid;
      file.position = Number(position);
      memory.writeU64(positionOut, position);
      return errno.success;
    },
    fd_tell(number: number, positionOut: number) {
      memory.writeU64(positionOut, BigInt(seekable(descriptors, number).position));
      return errno.success;
    },
  };
}

function seekable(descriptors: DescriptorTable, number: number): OpenFile {
  const descriptor = descriptors.get(number);
  if (descriptor.kind !== 'file') throw new WasiError(errno.cannotSeek);
  return descriptor;
}

/** A position past every possible file reads nothing, whatever its exact value. */
function clampOffset(offset: bigint): number {
  return offset > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(offset);
}
