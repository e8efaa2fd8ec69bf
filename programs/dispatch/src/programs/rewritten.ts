import type { Form } from '@taika/wasm/rewrite';

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

/** A form of the program that terminals run. All but `fast` exist only where the bits of a NaN could be seen. */
export interface RewrittenArtefact {
  readonly kind: Form;
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
