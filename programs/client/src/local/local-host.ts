import type { OpenSandbox } from '@taika/runner/sandbox';
import type { BlobSource } from '../job/blob-source.ts';

/** What differs between the places where a job is computed locally: Node and a browser's page. */
export interface LocalHost {
  /** Where units run. */
  readonly openSandbox: OpenSandbox;
  /** Reads what a phase gives to its end and keeps it until it is closed. */
  keep(merged: AsyncIterable<Uint8Array>): Promise<BlobSource>;
  /** A part of a source, which stays the owner of what is open: closing the part closes nothing. */
  partOf(source: BlobSource, offset: number, length: number): Promise<BlobSource>;
}
