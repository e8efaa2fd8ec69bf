/** `@taika/client/browser-worker`: the whole script of a worker that computes units for a page. */
import { workerMain } from './page/worker-main.ts';

workerMain(globalThis as unknown as DedicatedWorkerGlobalScope);
