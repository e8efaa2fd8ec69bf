/** A worker thread for one admission. It is ended from outside when a hostile program takes too long to read or compile. */
import { parentPort, workerData } from 'node:worker_threads';
import { AdmissionError } from '@taika/wasm/admission-error';
import { admitProgram } from '@taika/wasm/admit';
import { costTableVersion } from '@taika/wasm/cost-table';
import { rewriteForms } from '@taika/wasm/rewrite';
import type { AdmissionAnswer, AdmissionTask } from './rewritten.ts';

parentPort?.postMessage(await answer(workerData as AdmissionTask));

async function answer({ program, memoryPagesMax }: AdmissionTask): Promise<AdmissionAnswer> {
  try {
    const admitted = admitProgram(program);
    const forms = rewriteForms(admitted, { memoryPagesMax });
    for (const { bytes } of forms) {
      // Belt and braces: what the engine refuses would fail on every terminal.
      await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
    }
    return {
      kind: 'admitted',
      costTable: costTableVersion,
      artefacts: forms.map(({ artefact, bytes }) => ({ kind: artefact, bytes })),
    };
  } catch (error) {
    if (error instanceof AdmissionError) {
      const { reason, remedy, functionIndex, functionName, offset } = error;
      return { kind: 'refused', refusal: { reason, remedy, functionIndex, functionName, offset } };
    }
    throw error;
  }
}
