/** A member's own work: every core hashes at ordinary priority. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

export interface Foreground extends AsyncDisposable {
  readonly cores: number;
  /** Pieces of work that all cores together finish in this time. */
  count(ms: number): Promise<number>;
}

export async function startForeground(): Promise<Foreground> {
  const cores = availableParallelism();
  const workers = Array.from({ length: cores }, () => new Worker(new URL(import.meta.url)));
  return {
    cores,
    async count(ms) {
      const counts = workers.map(
        (worker) =>
          new Promise<number>((resolve) => {
            worker.once('message', resolve);
            worker.postMessage(ms);
          }),
      );
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

if (!isMainThread) {
  const block = Buffer.alloc(16 * 1024, 7);
  parentPort?.on('message', (ms: number) => {
    const end = performance.now() + ms;
    let count = 0;
    for (; performance.now() < end; count += 1) createHash('sha256').update(block).digest();
    parentPort?.postMessage(count);
  });
}
