/** A program that passed admission, decoded as far as the passes need it. Made only by `admitProgram`. */
export interface AdmittedProgram {
  /** The module as it was uploaded. Everything below points into it. */
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly imports: readonly ImportedFunction[];
  /** Type index of every function, imports first. */
  readonly functionTypes: Uint32Array;
  /** Bodies of the functions that the module defines; body `k` is function `imports.length + k`. */
  readonly bodies: readonly FunctionBody[];
  readonly memory: { readonly pagesMin: number; readonly pagesMax: number | undefined } | undefined;
  readonly globals: readonly GlobalVariable[];
  readonly exports: readonly ExportedItem[];
  /** 1 for each function that an element segment names, so that `call_indirect` may reach it. */
  readonly addressTaken: Uint8Array;
  /** 1 for each function that is exported. */
  readonly exported: Uint8Array;
  /** Sections other than custom ones, in the order of the module. */
  readonly sections: readonly Section[];
  /** Bytes of all data segments. */
  readonly dataBytes: number;
  /** Entries that the table starts with, and those that element segments write. */
  readonly tableEntries: number;
  /** Whether any body contains `memory.grow`, which is then replaced by a helper. */
  readonly growsMemory: boolean;
  /** Bytes of all bodies together. */
  readonly codeBytes: number;
}

export interface FunctionType {
  readonly params: Uint8Array;
  readonly results: Uint8Array;
}

export interface ImportedFunction {
  readonly name: string;
  readonly typeIndex: number;
}

export interface FunctionBody {
  /** Offset of the declarations of locals. */
  readonly start: number;
  /** Offset of the first instruction. */
  readonly codeStart: number;
  /** Offset after the final `end`. */
  readonly end: number;
  /** Locals declared by the body, parameters not included. */
  readonly declaredLocals: number;
  /** Loops and blocks open at once, the function's own included. */
  readonly nesting: number;
}

export interface GlobalVariable {
  readonly type: number;
  readonly mutable: boolean;
  /** Offset of the constant that it starts with. */
  readonly initStart: number;
}

export interface ExportedItem {
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global';
  readonly index: number;
}

export interface Section {
  readonly id: number;
  /** Offset of the first byte of the content. */
  readonly start: number;
  readonly end: number;
}

/** Section numbers of the specification, those that are admitted. */
export const sectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;
