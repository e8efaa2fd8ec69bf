import type { UnitOutcome } from '@taika/wasm/outcome';
import type { JobEnvironment, UnitInput, UnitLimits } from '@taika/wasm/unit';

/** What a page tells its worker: first a program and what it sees of its job, then unit after unit; before a later round the job again. */
export type ToWorker =
  | {
      readonly kind: 'program';
      readonly artefact: Uint8Array;
      readonly limits: UnitLimits;
      readonly job: JobEnvironment;
    }
  | { readonly kind: 'job'; readonly job: JobEnvironment }
  | { readonly kind: 'unit'; readonly unit: UnitInput };

/** What the worker answers to a program and to a unit; `failed` is a fault of ours, never of the program's. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ended'; readonly outcome: UnitOutcome; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly message: string };
