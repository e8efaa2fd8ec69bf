/** How each instruction treats the bits of floats; everything else pops its operands and pushes an integer. */
export const flow = {
  integer: 0,
  /** Arithmetic: a NaN in its result has bits of the machine's choice. */
  produceF32: 1,
  produceF64: 2,
  /** Same on vectors, whose operands are read as floats of the result's width. */
  produceF32x4: 3,
  produceF64x2: 4,
  /** The result's bits are the same on every machine, and may be a NaN. */
  fixed: 5,
  /** abs and neg: the operand's bits but for the sign, which is the same on every machine. */
  sign: 6,
  copysign: 7,
  /** Stores and reinterpretations: the operand's bits become visible. */
  sink: 8,
  /** abs and neg of vectors of either width. */
  sign32: 9,
  sign64: 10,
  /** pmin and pmax: one of both operands, lane by lane. */
  either32: 11,
  either64: 12,
  /** Comparisons and conversions that read floats of one width: no NaN's bits are visible in the result. */
  read32: 13,
  read64: 14,
  /** Read floats of the other width and produce. */
  demote: 15,
  promote: 16,
  splat: 17,
  extract32: 18,
  extract64: 19,
  replace32: 20,
  replace64: 21,
  shuffle: 22,
  /** Reads integers, gives f32 that are numbers. */
  convert32: 23,
  constant: 24,
  /** The same for f64, plain or vector: halves of theirs may look like a NaN of f32. */
  convert64: 25,
} as const;

/** By plain opcode. */
export const plainFlow: Uint8Array = (() => {
  const table = new Uint8Array(256);
  const set = (value: number, ...opcodes: number[]) => {
    for (const opcode of opcodes) table[opcode] = value;
  };
  set(flow.fixed, 0x2a, 0x2b, 0xbe, 0xbf);
  set(flow.sink, 0x38, 0x39, 0xbc, 0xbd);
  set(flow.sign, 0x8b, 0x8c, 0x99, 0x9a);
  set(flow.copysign, 0x98, 0xa6);
  table.fill(flow.produceF32, 0x8d, 0x98);
  table.fill(flow.produceF64, 0x9b, 0xa6);
  set(flow.produceF32, 0xb6);
  set(flow.produceF64, 0xbb);
  table.fill(flow.convert64, 0xb7, 0xbb);
  return table;
})();

/** By opcode after 0xFD. What is not named works on integers: it shows the bits of its operands, and its own are fixed. */
export const simdFlow: Uint8Array = (() => {
  const table = new Uint8Array(256);
  const set = (value: number, ...opcodes: number[]) => {
    for (const opcode of opcodes) table[opcode] = value;
  };
  set(flow.sink, 0x0b, 0x58, 0x59, 0x5a, 0x5b);
  set(flow.constant, 0x0c);
  set(flow.shuffle, 0x0d);
  set(flow.splat, 0x13, 0x14);
  set(flow.extract32, 0x1f);
  set(flow.replace32, 0x20);
  set(flow.extract64, 0x21);
  set(flow.replace64, 0x22);
  table.fill(flow.read32, 0x41, 0x47);
  table.fill(flow.read64, 0x47, 0x4d);
  set(flow.demote, 0x5e);
  set(flow.promote, 0x5f);
  table.fill(flow.produceF32x4, 0x67, 0x6b);
  set(flow.produceF64x2, 0x74, 0x75, 0x7a, 0x94);
  set(flow.sign32, 0xe0, 0xe1);
  set(flow.produceF32x4, 0xe3);
  table.fill(flow.produceF32x4, 0xe4, 0xea);
  set(flow.either32, 0xea, 0xeb);
  set(flow.sign64, 0xec, 0xed);
  set(flow.produceF64x2, 0xef);
  table.fill(flow.produceF64x2, 0xf0, 0xf6);
  set(flow.either64, 0xf6, 0xf7);
  set(flow.read32, 0xf8, 0xf9);
  set(flow.convert32, 0xfa, 0xfb);
  set(flow.read64, 0xfc, 0xfd);
  set(flow.convert64, 0xfe, 0xff);
  return table;
})();
