import { Worker } from 'node:worker_threads';
import type { AdmissionAnswer, AdmissionTask } from './rewritten.ts';

/** A hundred times what the largest honest program seen so far needed. */
const admissionMsMax = 30_000;
const heapMiBMax = 1_024;

/** Admits and rewrites a program in a thread of its own, so that neither its size nor its malice stops the server. */
export function rewriteInWorker(task: AdmissionTask): Promise<AdmissionAnswer> {
  const worker = new Worker(new URL('./admission-worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: heapMiBMax },
  });
  return new Promise<AdmissionAnswer>((resolve, reject) => {
    const tooLong = setTimeout(() => resolve(overBudget('time')), admissionMsMax);
    worker.once('message', resolve);
    worker.once('error', (error: Error & { code?: string }) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
        resolve(overBudget('memory'));
      } else {
        reject(error);
      }
    });
    worker.once('exit', () => clearTimeout(tooLong));
  }).finally(() => worker.terminate());
}

function overBudget(what: string): AdmissionAnswer {
  return {
    kind: 'refused',
    refusal: {
      reason: `Checking and compiling the program took too much ${what}.`,
      remedy: 'Make its functions smaller, or strip what is not used.',
    },
  };
}
