import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { BlobSource } from './blob-source.ts';

/**
 * A job that is ready to be computed, on the grid or on this machine: the program is built, every file is
 * hashed, and `spec` names them by their digests. Close it to release the files.
 */
export interface PreparedJob extends AsyncDisposable {
  readonly spec: JobSpecText;
  readonly program: BlobSource;
  /** All programs by their digests: that of each stage, and the one that decides on another round. */
  readonly programs: ReadonlyMap<string, BlobSource>;
  readonly input: BlobSource | undefined;
  readonly files: ReadonlyMap<string, BlobSource>;
}
