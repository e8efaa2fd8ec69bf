import { type AdmissionLimits, defaultAdmissionLimits } from './admission-limits.ts';
import { admitProgram } from './admit.ts';

/**
 * The gate on the terminal: decodes and validates a rewritten program as admission did the uploaded one, before an engine
 * sees it. A contractor's signature says who sends a program; this says that it can reach nothing but the sandbox's own
 * calls and uses nothing but admitted instructions, whoever signed it. Throws `AdmissionError`.
 */
export function admitArtefact(bytes: Uint8Array): void {
  admitProgram(bytes, artefactLimits);
}

const admitted = defaultAdmissionLimits;

/** The limits of admission with room for what the rewriter adds at most. */
export const artefactLimits: Partial<AdmissionLimits> = {
  rewritten: true,
  // Code grows by a third; the rest is for programs made to grow.
  moduleBytesMax: 4 * admitted.moduleBytesMax,
  codeBytesMax: 16 * admitted.codeBytesMax,
  // What engines take.
  bodyBytesMax: 7_654_321,
  localsMax: 50_000,
  // Counter, length, three forms of NaN, and a start for each of up to 200 counted loops inside each other.
  localsTotalMax: admitted.localsTotalMax + 205 * admitted.functionsMax,
  // The block around the body, and the if of a cap or of a NaN.
  nestingMax: admitted.nestingMax + 3,
  // Each canonical NaN adds an if, so that it depends on the code; the uploaded program was bounded.
  blockValuesMax: Number.MAX_SAFE_INTEGER,
  functionsMax: admitted.functionsMax + 1,
  // A type for the results of each, and that of the helper for memory.grow.
  typesMax: 2 * admitted.typesMax + 1,
  globalsMax: admitted.globalsMax + 1,
  exportsMax: admitted.exportsMax + 1,
};
