import { admitProgram } from './admit.ts';
import { rewriteProgram } from './rewrite.ts';

/** Throws the `AdmissionError` with which the grid would refuse a program for units of so much memory, at any place that has its bytes. */
export function checkProgram(program: Uint8Array, memoryPagesMax: number): void {
  rewriteProgram(admitProgram(program), { artefact: 'fast', memoryPagesMax });
}
