import { type BlobSource, bytesSource, openedSource } from '../job/blob-source.ts';
import { spool } from '../job/spool.ts';

/** What lies between the phases of a local run, in files without names, closed when nothing reads them any more. */
export class KeptResults implements AsyncDisposable {
  #state: BlobSource = bytesSource(new Uint8Array(0));
  #results: BlobSource[] = [];

  /** What the last `next` program kept for itself; nothing before the first. */
  get state(): BlobSource {
    return this.#state;
  }

  /** Computes a phase to its end and keeps what it gave. */
  async keep(merged: AsyncIterable<Uint8Array>): Promise<BlobSource> {
    const result = await openedSource(await spool(merged), 'what a phase gave');
    this.#results.push(result);
    return result;
  }

  /** A round begins: its input and `state` are parts of the last result, and the results before it are not read again. */
  async beginRound(state: BlobSource): Promise<void> {
    this.#state = state;
    const over = this.#results.splice(0, this.#results.length - 1);
    await Promise.all(over.map((result) => result.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#results.map((result) => result.close()));
  }
}
