import type { Artefact } from '@taika/wasm/rewrite';

/** What the admission worker is told. */
export interface AdmissionTask {
  readonly program: Uint8Array;
  readonly memoryPagesMax: number;
}

/** What the admission worker answers. */
export type AdmissionAnswer =
  | {
      readonly kind: 'admitted';
      readonly costTable: number;
      readonly artefacts: readonly RewrittenArtefact[];
    }
  | { readonly kind: 'refused'; readonly refusal: ProgramRefusal };

/** A form of the program that terminals run. `strict` exists only where it differs from `fast`. */
export interface RewrittenArtefact {
  readonly kind: Artefact;
  readonly bytes: Uint8Array;
}

/** Why a program was refused, in words for its author. */
export interface ProgramRefusal {
  readonly reason: string;
  readonly remedy: string;
  readonly functionIndex?: number | undefined;
  readonly functionName?: string | undefined;
  readonly offset?: number | undefined;
}
