/**
 * Bounds on an admitted program. They leave room below V8's own limits for what the rewriter adds, and they bound the
 * time and memory that admission, rewriting and compilation can take.
 */
export interface AdmissionLimits {
  /** Bytes of the whole module, custom sections included. */
  readonly moduleBytesMax: number;
  /** Bytes of the code section. */
  readonly codeBytesMax: number;
  /** Bytes of one function's body. V8 allows 7.65 MB after rewriting; the rest bounds TurboFan's compile time. */
  readonly bodyBytesMax: number;
  /** Locals of one function, parameters included. V8 allows 50,000, and the rewriter adds some. */
  readonly localsMax: number;
  /** Locals of all functions together: zeroing and typing them costs time before one instruction has run. */
  readonly localsTotalMax: number;
  /** Blocks, loops and ifs open at once, the function's own block included. */
  readonly nestingMax: number;
  /**
   * Values at the starts of all blocks of one function together: at each block, loop, if and else, the locals and the
   * operands below it. Engines keep such a list for each, and up to a hundred and sixty bytes an entry.
   */
  readonly blockValuesMax: number;
  readonly functionsMax: number;
  readonly typesMax: number;
  readonly globalsMax: number;
  readonly exportsMax: number;
  readonly importsMax: number;
  /** Parameters of one function type. */
  readonly paramsMax: number;
  /** Results of one function type. */
  readonly resultsMax: number;
  /** Entries of one `br_table`. V8 allows 65,520. */
  readonly branchTableMax: number;
  /** Data segments and element segments together. */
  readonly segmentsMax: number;
  /** Bytes in data segments. */
  readonly dataBytesMax: number;
  /** Size of the table: entries it starts with, and entries in element segments. */
  readonly tableEntriesMax: number;
  /** Pages of 64 KiB that the program's memory may start with. */
  readonly memoryPagesMax: number;
  /** Whether the module must be a WASI command. Off only for tests that run modules of another kind. */
  readonly commandOnly: boolean;
  /** Whether the module must be a rewritten one, with its fuel counter. */
  readonly rewritten: boolean;
}

export const defaultAdmissionLimits: AdmissionLimits = {
  moduleBytesMax: 64 * 1024 * 1024,
  codeBytesMax: 16 * 1024 * 1024,
  bodyBytesMax: 1024 * 1024,
  localsMax: 49_000,
  localsTotalMax: 2_000_000,
  nestingMax: 10_000,
  blockValuesMax: 2 ** 24,
  functionsMax: 100_000,
  typesMax: 20_000,
  globalsMax: 20_000,
  exportsMax: 20_000,
  importsMax: 1_000,
  paramsMax: 255,
  resultsMax: 16,
  branchTableMax: 65_000,
  segmentsMax: 50_000,
  dataBytesMax: 32 * 1024 * 1024,
  tableEntriesMax: 1_000_000,
  memoryPagesMax: 32_768,
  commandOnly: true,
  rewritten: false,
};
