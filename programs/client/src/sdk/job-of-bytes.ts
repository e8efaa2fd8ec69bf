import { sha256Hex } from '@taika/crypto/digest';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { BlobSource } from '../job/blob-source.ts';
import type { PreparedJob } from '../job/prepared-job.ts';

/** A job of bytes in memory, for browsers and for programs that have no files. */
export interface BytesJob {
  /** What a job file says, without what names files. `privacy: 'public'` says that strangers' terminals read it all. */
  readonly spec: Omit<JobSpecText, 'program' | 'input' | 'files' | 'laterStages' | 'rounds'>;
  /** A WASI command in WebAssembly. */
  readonly program: Uint8Array | Blob;
  readonly input?: Uint8Array | Blob;
  /** Read by the program under `/job/NAME`. */
  readonly files?: Readonly<Record<string, Uint8Array | Blob>>;
}

/** Prepares a job for `grid.submit`. Each part is read into memory once, for its digest. */
export async function jobOfBytes({ spec, program, input, files = {} }: BytesJob): Promise<PreparedJob> {
  const code = await sourceOf(program);
  const data = input === undefined ? undefined : await sourceOf(input);
  const named = new Map<string, BlobSource>();
  for (const [name, bytes] of Object.entries(files)) named.set(name, await sourceOf(bytes));
  return {
    spec: {
      ...spec,
      program: code.sha256,
      ...(data === undefined ? {} : { input: { sha256: data.sha256, bytes: data.bytes } }),
      ...(named.size === 0
        ? {}
        : { files: [...named].map(([name, { sha256, bytes }]) => ({ name, sha256, bytes })) }),
    },
    program: code,
    programs: new Map([[code.sha256, code]]),
    input: data,
    files: named,
    async [Symbol.asyncDispose]() {},
  };
}

async function sourceOf(given: Uint8Array | Blob): Promise<BlobSource> {
  const blob = given instanceof Blob ? given : new Blob([given as Uint8Array<ArrayBuffer>]);
  const read = async (offset: number, length: number) =>
    new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
  return {
    sha256: await sha256Hex(await read(0, blob.size)),
    bytes: blob.size,
    read,
    async *open() {
      yield await read(0, blob.size);
    },
    close: async () => {},
  };
}
