import { readFile } from 'node:fs/promises';
import { replaceFile } from '@taika/runtime/replace-file';

/** What `taika up` remembers between starts, so that a second start goes on where the first one was. */
export interface UpState {
  /** Made once, so that repeated enrolments are the same. */
  readonly customerId?: string;
  readonly vendorId?: string;
  readonly customerKey?: string;
  /** The contractor's reference executor, as the dispatch server knows it. */
  readonly referenceId?: string;
  /** The weather job that was submitted last; it is gone on with when it has not ended. */
  readonly weatherJobId?: string;
  /** Where each server and page listened last, so that addresses that were written down stay right. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Keys of the services' back ends, shown once by the vendor server. */
  readonly serviceKeys?: Readonly<Record<string, string>>;
}

export async function readState(path: string): Promise<UpState> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  return JSON.parse(text) as UpState;
}

/** Replaces the file atomically, readable by its owner only. */
export async function writeState(path: string, state: UpState): Promise<void> {
  await replaceFile(path, `${JSON.stringify(state, null, 2)}\n`);
}
