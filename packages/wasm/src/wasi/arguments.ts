import type { JobEnvironment, UnitInput } from '../unit.ts';
import { errno } from './errno.ts';
import type { Host, HostCalls } from './host-calls.ts';

/** `argv[0]`: programs want one, and the real name would be no part of the job. */
const programName = 'program';
const utf8 = new TextEncoder();

export function argumentCalls(host: Host, unit: UnitInput, job: JobEnvironment): HostCalls {
  const args = new StringTable(host, () => [programName, ...job.args]);
  const environment = new StringTable(host, () => environmentOf(unit, job));
  return {
    args_sizes_get: (countOut: number, sizeOut: number) => args.sizes(countOut, sizeOut),
    args_get: (pointersOut: number, bytesOut: number) => args.write(pointersOut, bytesOut),
    environ_sizes_get: (countOut: number, sizeOut: number) => environment.sizes(countOut, sizeOut),
    environ_get: (pointersOut: number, bytesOut: number) => environment.write(pointersOut, bytesOut),
  };
}

/** `NAME=value` lines, sorted by name: the order of a job's keys may change on its way to a terminal. */
function environmentOf(unit: UnitInput, job: JobEnvironment): string[] {
  const own = { TAIKA_ROUND: job.round, TAIKA_UNIT_COUNT: job.unitCount, TAIKA_UNIT_INDEX: unit.index };
  const entries = Object.entries({ ...job.env, ...own });
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
}

/** Strings in C's shape: an array of pointers, and the bytes they point to, each ended by a zero. Made when asked for. */
class StringTable {
  readonly #host: Host;
  readonly #strings: () => readonly string[];
  #encoded: readonly Uint8Array[] | undefined;

  constructor(host: Host, strings: () => readonly string[]) {
    this.#host = host;
    this.#strings = strings;
  }

  sizes(countOut: number, sizeOut: number) {
    const encoded = this.#encode();
    this.#host.memory.writeU32(countOut, encoded.length);
    this.#host.memory.writeU32(sizeOut, totalBytes(encoded));
    return errno.success;
  }

  write(pointersOut: number, bytesOut: number) {
    const { memory } = this.#host;
    const encoded = this.#encode();
    this.#host.move(totalBytes(encoded));
    let pointer = bytesOut >>> 0;
    for (const [position, bytes] of encoded.entries()) {
      memory.writeU32((pointersOut >>> 0) + 4 * position, pointer);
      memory.slice(pointer, bytes.length).set(bytes);
      pointer += bytes.length;
    }
    return errno.success;
  }

  #encode(): readonly Uint8Array[] {
    this.#encoded ??= this.#strings().map((text) => utf8.encode(`${text}\0`));
    return this.#encoded;
  }
}

function totalBytes(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, bytes) => sum + bytes.length, 0);
}
