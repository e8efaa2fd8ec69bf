import { admitArtefact } from '@taika/wasm/admit-artefact';
import { runUnit } from '@taika/wasm/run-unit';
import type { JobEnvironment, UnitLimits } from '@taika/wasm/unit';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** The life of a page's worker: one program, one unit at a time, until it is terminated. */
export function workerMain(scope: DedicatedWorkerGlobalScope): void {
  let program: { readonly module: WebAssembly.Module; readonly limits: UnitLimits } | undefined;
  let job: JobEnvironment | undefined;

  async function answer(message: ToWorker): Promise<FromWorker | undefined> {
    switch (message.kind) {
      case 'program': {
        const { artefact, limits } = message;
        admitArtefact(artefact);
        job = message.job;
        program = { module: await WebAssembly.compile(artefact as Uint8Array<ArrayBuffer>), limits };
        return { kind: 'ready' };
      }
      case 'job':
        job = message.job;
        return undefined;
      case 'unit': {
        if (program === undefined || job === undefined) throw new Error('A unit came before its program.');
        const startedMs = performance.now();
        const outcome = runUnit(program.module, message.unit, job, program.limits);
        return { kind: 'ended', outcome, durationMs: performance.now() - startedMs };
      }
    }
  }

  scope.addEventListener('message', async ({ data }: MessageEvent<ToWorker>) => {
    try {
      const told = await answer(data);
      if (told !== undefined) scope.postMessage(told);
    } catch (error) {
      const { message, cause } = error as Error;
      const why = cause instanceof Error ? ` ${cause.message}` : '';
      scope.postMessage({ kind: 'failed', message: `${message}${why}` } satisfies FromWorker);
    }
  });
}
