import type { BlobSource } from '../job/blob-source.ts';
import { emptySource } from '../job/empty-source.ts';
import type { LocalHost } from './local-host.ts';

/** What lies between the phases of a local run, closed when nothing reads it any more. */
export class KeptResults implements AsyncDisposable {
  readonly #host: LocalHost;
  #state: BlobSource = emptySource;
  #results: BlobSource[] = [];

  constructor(host: LocalHost) {
    this.#host = host;
  }

  /** What the last `next` program kept for itself; nothing before the first. */
  get state(): BlobSource {
    return this.#state;
  }

  /** Computes a phase to its end and keeps what it gave. */
  async keep(merged: AsyncIterable<Uint8Array>): Promise<BlobSource> {
    const result = await this.#host.keep(merged);
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
