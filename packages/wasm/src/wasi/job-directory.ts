import type { Descriptor, DescriptorTable, OpenFile } from './descriptors.ts';
import { jobDirectoryDescriptor } from './descriptors.ts';
import { type Errno, errno, WasiError } from './errno.ts';
import type { Host, HostCalls } from './host-calls.ts';

type Files = ReadonlyMap<string, Uint8Array>;

const jobPath = new TextEncoder().encode('/job');
const pathBytesMax = 4096;
const fileType = { directory: 3, regular: 4 } as const;
const openFlag = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
const rightToWrite = 1n << 6n;
const everyRight = (1n << 30n) - 1n;
const rootInode = 1;

/** The one directory a program sees: `/job` with the job's files, flat and read-only. */
export function directoryCalls(host: Host, descriptors: DescriptorTable, files: Files): HostCalls {
  const { memory } = host;
  let sorted: readonly string[] | undefined;
  const names = () => {
    sorted ??= [...files.keys()].sort();
    return sorted;
  };

  function lookUp(number: number, pathAt: number, pathLength: number): Descriptor {
    if (descriptors.get(number).kind !== 'directory') throw new WasiError(errno.notDirectory);
    if (pathLength >>> 0 > pathBytesMax) throw new WasiError(errno.nameTooLong);
    host.move(pathLength >>> 0);
    const name = nameIn(decode(memory.slice(pathAt, pathLength)));
    if (name === '') return { kind: 'directory' };
    const bytes = files.get(name);
    if (bytes === undefined) throw new WasiError(errno.notFound);
    return { kind: 'file', inode: rootInode + 1 + names().indexOf(name), bytes, position: 0 };
  }

  function writeFileStat(out: number, descriptor: Descriptor): Errno {
    memory.slice(out, 64).fill(0);
    memory.writeU64(out, 1n);
    memory.writeU64(out + 8, BigInt(descriptor.kind === 'file' ? descriptor.inode : rootInode));
    memory.writeU8(out + 16, typeOf(descriptor));
    memory.writeU64(out + 24, 1n);
    memory.writeU64(out + 32, BigInt(descriptor.kind === 'file' ? descriptor.bytes.length : 0));
    return errno.success;
  }

  return {
    fd_prestat_get(number: number, out: number) {
      if (number !== jobDirectoryDescriptor) return errno.badDescriptor;
      memory.writeU32(out, 0);
      memory.writeU32(out + 4, jobPath.length);
      return errno.success;
    },
    fd_prestat_dir_name(number: number, out: number, length: number) {
      if (number !== jobDirectoryDescriptor) return errno.badDescriptor;
      if (length >>> 0 < jobPath.length) return errno.nameTooLong;
      memory.slice(out, jobPath.length).set(jobPath);
      return errno.success;
    },
    fd_fdstat_get(number: number, out: number) {
      const descriptor = descriptors.get(number);
      memory.slice(out, 24).fill(0);
      memory.writeU8(out, typeOf(descriptor));
      memory.writeU64(out + 8, everyRight);
      memory.writeU64(out + 16, everyRight);
      return errno.success;
    },
    fd_filestat_get: (number: number, out: number) => writeFileStat(out, descriptors.get(number)),
    path_filestat_get: (number: number, _flags: number, pathAt: number, pathLength: number, out: number) =>
      writeFileStat(out, lookUp(number, pathAt, pathLength)),
    path_open(
      number: number,
      _lookupFlags: number,
      pathAt: number,
      pathLength: number,
      openFlags: number,
      rights: bigint,
      _inheritedRights: bigint,
      _descriptorFlags: number,
      numberOut: number,
    ) {
      const wantsChange = (openFlags & openFlag.truncate) !== 0 || (rights & rightToWrite) !== 0n;
      if (wantsChange || (openFlags & openFlag.create) !== 0) return errno.readOnly;
      const found = lookUp(number, pathAt, pathLength);
      if ((openFlags & openFlag.directory) !== 0 && found.kind !== 'directory') return errno.notDirectory;
      memory.writeU32(numberOut, 0);
      memory.writeU32(numberOut, descriptors.open(found));
      return errno.success;
    },
    fd_readdir(number: number, out: number, length: number, cookie: bigint, usedOut: number) {
      if (descriptors.get(number).kind !== 'directory') return errno.notDirectory;
      const target = memory.slice(out, length);
      const listed = names();
      let used = 0;
      for (
        let next = clampCookie(cookie, listed.length);
        next < listed.length && used < target.length;
        next++
      ) {
        const entry = directoryEntry(listed[next] ?? '', next + 1);
        const fitting = entry.subarray(0, target.length - used);
        target.set(fitting, used);
        used += fitting.length;
      }
      host.move(used);
      memory.writeU32(usedOut, used);
      return errno.success;
    },
    fd_close(number: number) {
      descriptors.close(number);
      return errno.success;
    },
    fd_renumber(from: number, to: number) {
      descriptors.renumber(from, to);
      return errno.success;
    },
  };
}

/** The unit's input as descriptor 0: a file, so that programs may ask for its size and seek in it. */
export function inputFile(bytes: Uint8Array): OpenFile {
  return { kind: 'file', inode: 0, bytes, position: 0 };
}

/** Output is a regular file to the program: for a terminal, C libraries would write every line by itself. */
function typeOf(descriptor: Descriptor): number {
  return descriptor.kind === 'directory' ? fileType.directory : fileType.regular;
}

/** A path relative to `/job`, by its letters alone: no links exist. Leaving `/job` is refused. */
function nameIn(path: string): string {
  if (path.startsWith('/')) throw new WasiError(errno.notCapable);
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw new WasiError(errno.notCapable);
  }
  return parts.join('/');
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.slice());
}

function directoryEntry(name: string, nextCookie: number): Uint8Array {
  const nameBytes = new TextEncoder().encode(name);
  const entry = new Uint8Array(24 + nameBytes.length);
  const view = new DataView(entry.buffer);
  view.setBigUint64(0, BigInt(nextCookie), true);
  view.setBigUint64(8, BigInt(rootInode + nextCookie), true);
  view.setUint32(16, nameBytes.length, true);
  view.setUint8(20, fileType.regular);
  entry.set(nameBytes, 24);
  return entry;
}

function clampCookie(cookie: bigint, count: number): number {
  const position = BigInt.asUintN(64, cookie);
  return position > BigInt(count) ? count : Number(position);
}
