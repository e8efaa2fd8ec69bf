/** A worker thread for one admission. It is ended from outside when a hostile program takes too long to read or compile. */
import { parentPort, workerData } from 'node:worker_threads';
import { AdmissionError } from '@taika/wasm/admission-error';
import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import type { AdmissionAnswer, AdmissionTask, RewrittenArtefact } from './rewritten.ts';

parentPort?.postMessage(await answer(workerData as AdmissionTask));

async function answer({ program, memoryPagesMax }: AdmissionTask): Promise<AdmissionAnswer> {
  try {
    const admitted = admitProgram(program);
    const fast = rewriteProgram(admitted, { artefact: 'fast', memoryPagesMax });
    const artefacts: RewrittenArtefact[] = [{ kind: 'fast', bytes: fast.bytes }];
    if (fast.nanSinks > 0) {
      const strict = rewriteProgram(admitted, { artefact: 'strict', memoryPagesMax });
      artefacts.push({ kind: 'strict', bytes: strict.bytes });
    }
    for (const { bytes } of artefacts) {
      // Belt and braces: what the engine refuses would fail on every terminal.
      await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
    }
    return { kind: 'admitted', costTable: fast.costTableVersion, artefacts };
  } catch (error) {
    if (error instanceof AdmissionError) {
      const { reason, remedy, functionIndex, functionName, offset } = error;
      return { kind: 'refused', refusal: { reason, remedy, functionIndex, functionName, offset } };
    }
    throw error;
  }
}
