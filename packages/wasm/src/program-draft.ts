import type { AdmissionLimits } from './admission-limits.ts';
import type {
  ExportedItem,
  FunctionBody,
  FunctionType,
  GlobalVariable,
  ImportedFunction,
  Section,
} from './program.ts';

/** What the sections of a module have said so far: the state of admission, filled from first section to last. */
export interface ProgramDraft {
  readonly bytes: Uint8Array;
  readonly limits: AdmissionLimits;
  readonly types: FunctionType[];
  readonly imports: ImportedFunction[];
  /** Type index of every function, imports first. */
  readonly functionTypes: number[];
  readonly globals: GlobalVariable[];
  readonly exports: ExportedItem[];
  readonly bodies: FunctionBody[];
  readonly sections: Section[];
  /** Functions named by element segments. */
  readonly addressTaken: Set<number>;
  memory: { readonly pagesMin: number; readonly pagesMax: number | undefined } | undefined;
  table: { readonly entriesMin: number } | undefined;
  /** From the data count section, which code that names data segments needs. */
  dataCount: number | undefined;
  dataSegments: number;
  dataBytes: number;
  elementSegments: number;
  elementEntries: number;
  localsTotal: number;
  growsMemory: boolean;
}

export function emptyDraft(bytes: Uint8Array, limits: AdmissionLimits): ProgramDraft {
  return {
    bytes,
    limits,
    types: [],
    imports: [],
    functionTypes: [],
    globals: [],
    exports: [],
    bodies: [],
    sections: [],
    addressTaken: new Set(),
    memory: undefined,
    table: undefined,
    dataCount: undefined,
    dataSegments: 0,
    dataBytes: 0,
    elementSegments: 0,
    elementEntries: 0,
    localsTotal: 0,
    growsMemory: false,
  };
}
