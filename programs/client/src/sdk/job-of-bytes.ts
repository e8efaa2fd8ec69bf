import { assertComputable } from '@taika/job/find-job-refusal';
import { programsOf } from '@taika/job/phases';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { BlobSource } from '../job/blob-source.ts';
import { memorySource } from '../job/memory-source.ts';
import type { PreparedJob } from '../job/prepared-job.ts';
import { PageJobError } from '../page/page-job-error.ts';

/** A job of bytes in memory, for browsers and for programs that have no files. */
export interface BytesJob {
  /** What a job file says, without what names files. `privacy: 'public'` says that strangers' terminals read it all. */
  readonly spec: Omit<JobSpecText, 'program' | 'input' | 'files'>;
  /** A WASI command in WebAssembly. */
  readonly program: Uint8Array | Blob;
  /** Programs beside it, of later stages, rounds, splits and merges: `spec` names each by its SHA-256 (`sha256Hex`). */
  readonly programs?: readonly (Uint8Array | Blob)[];
  /** For a split by files: an archive of them. */
  readonly input?: Uint8Array | Blob;
  /** Read by the program under `/job/NAME`. */
  readonly files?: Readonly<Record<string, Uint8Array | Blob>>;
}

/** Prepares a job for `grid.submit` or `runLocal`. Each part is read into memory once, for its digest. Throws `JobRefused` and `PageJobError`. */
export async function jobOfBytes(job: BytesJob): Promise<PreparedJob> {
  const program = await sourceOf(job.program, 'program');
  const programs = new Map([[program.sha256, program]]);
  for (const further of job.programs ?? []) {
    const source = await sourceOf(further, 'programs');
    programs.set(source.sha256, source);
  }
  const input = job.input === undefined ? undefined : await sourceOf(job.input, 'input');
  const files = new Map<string, BlobSource>();
  for (const [name, bytes] of Object.entries(job.files ?? {}))
    files.set(name, await sourceOf(bytes, `files.${name}`));
  const spec: JobSpecText = {
    ...job.spec,
    program: program.sha256,
    ...(input === undefined ? {} : { input: { sha256: input.sha256, bytes: input.bytes } }),
    ...(files.size === 0
      ? {}
      : { files: [...files].map(([name, { sha256, bytes }]) => ({ name, sha256, bytes })) }),
  };
  assertComputable(spec);
  const missing = programsOf(spec).find((sha256) => !programs.has(sha256));
  if (missing !== undefined) {
    throw new PageJobError(
      'program-missing',
      `The job names the program ${missing}, which was not given.`,
      'Give its bytes in `programs`; `sha256Hex` says by which name.',
    );
  }
  return { spec, program, programs, input, files, async [Symbol.asyncDispose]() {} };
}

function sourceOf(given: Uint8Array | Blob, what: string): Promise<BlobSource> {
  if (!(given instanceof Uint8Array || given instanceof Blob)) {
    throw new PageJobError(
      'not-bytes',
      `What was given as ${what} is neither a Uint8Array nor a Blob.`,
      'Read the file first; pack a directory into a zip archive, and split it by files.',
    );
  }
  return memorySource(given);
}
