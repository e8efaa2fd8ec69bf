/**
 * What each piece of work costs, in fuel. Integers, chosen so that fuel follows the time of a current desktop processor
 * within a small factor, and never changed: another weight is another version. Programs, prices and results name it.
 *
 * The rewriter, the slow reference counter of the tests and the WASI host read this file and share nothing else.
 */
export const costTableVersion = 1;

/** Classes of instructions; everything else on the allow-list (integer, load, store, float add, SIMD) costs 1. */
const classes: readonly {
  readonly fuel: number;
  readonly plain: readonly Range[];
  readonly bulk?: readonly Range[];
}[] = [
  // Structure (unreachable nop block loop else end, drop), locals and constants: no machine instruction of their own.
  {
    fuel: 0,
    plain: [
      [0x00, 0x03],
      [0x05, 0x05],
      [0x0b, 0x0b],
      [0x1a, 0x1a],
      [0x20, 0x22],
      [0x41, 0x44],
    ],
  },
  // Branches (if br br_if return), select, globals, memory.size, multiplications, float rounding.
  {
    fuel: 2,
    plain: [
      [0x04, 0x04],
      [0x0c, 0x0d],
      [0x0f, 0x0f],
      [0x1b, 0x1c],
      [0x23, 0x24],
      [0x3f, 0x3f],
      [0x6c, 0x6c],
      [0x7e, 0x7e],
      [0x8d, 0x90],
      [0x94, 0x94],
      [0x9b, 0x9e],
      [0xa2, 0xa2],
    ],
    bulk: [[9, 9]],
  },
  // br_table.
  { fuel: 4, plain: [[0x0e, 0x0e]] },
  // Float comparisons, minimum and maximum, conversions between floats and integers or other floats.
  {
    fuel: 5,
    plain: [
      [0x5b, 0x66],
      [0x96, 0x97],
      [0xa4, 0xa5],
      [0xa8, 0xab],
      [0xae, 0xbb],
    ],
    bulk: [[0, 7]],
  },
  // Float division and square root.
  {
    fuel: 6,
    plain: [
      [0x91, 0x91],
      [0x95, 0x95],
      [0x9f, 0x9f],
      [0xa3, 0xa3],
    ],
  },
  // call; memory.init, memory.copy and memory.fill before their length is known.
  {
    fuel: 8,
    plain: [[0x10, 0x10]],
    bulk: [
      [8, 8],
      [10, 11],
    ],
  },
  { fuel: 25, plain: [[0x11, 0x11]] },
  // Integer division and remainder.
  {
    fuel: 30,
    plain: [
      [0x6d, 0x70],
      [0x7f, 0x82],
    ],
  },
  // memory.grow before its pages are known.
  { fuel: 200, plain: [[0x40, 0x40]] },
];

/** The type v128 as it is encoded. */
const v128 = 0x7b;

type Range = readonly [first: number, last: number];

/** Fuel of each plain opcode. */
export const plainFuel: Uint8Array = fill('plain');

/** Fuel of each opcode after 0xFC. */
export const bulkFuel: Uint8Array = fill('bulk');

/** Fuel of each opcode after 0xFD: 1, but 6 for division and square root of floats. */
export const simdFuel: Uint8Array = (() => {
  const table = new Uint8Array(256).fill(1);
  table[0x0c] = 0; // v128.const, a constant like the others
  for (const opcode of [0xe3, 0xe7, 0xef, 0xf3]) table[opcode] = 6;
  return table;
})();

/** Fuel of entering a function: eight locals are zeroed, or eight parameters passed, for one. A v128 is passed as two. */
export function entryFuel(declaredLocals: number, params: ArrayLike<number>): number {
  let slots = declaredLocals + params.length;
  for (let k = 0; k < params.length; k++) if (params[k] === v128) slots++;
  return slots >>> 3;
}

/** Fuel of making an instance for a unit: its pages, its data, and its table with what element segments write there. */
export function startFuel(made: {
  readonly pages: number;
  readonly dataBytes: number;
  readonly tableEntries: number;
}): number {
  return (
    made.pages * fuelPerGrownPage +
    (made.dataBytes >>> bulkLengthShift) +
    (made.tableEntries >>> bulkLengthShift)
  );
}

/** Fuel of memory.init, memory.copy and memory.fill over their constant cost: one for eight bytes, as shift. */
export const bulkLengthShift = 3;

/** Fuel of memory.grow over its constant cost, for each page it really added. */
export const fuelPerGrownPage = 512;

/**
 * Fuel of a WASI call over the cost of the call instruction, added by the host.
 * `bytes` is what the call moved between program and host: bytes read, written, filled with random numbers, or of a path.
 * `items` is what it looked at one by one: buffers of a list, subscriptions.
 */
export function wasiCallFuel(name: string, bytes: number, items = 0): bigint {
  const fixed = wasiFixedFuel[name] ?? wasiDefaultFuel;
  const shift = name === 'random_get' || name.startsWith('path_') ? 0 : bulkLengthShift;
  return BigInt(fixed + wasiItemFuel * items) + (BigInt(bytes) >> BigInt(shift));
}

/** An entry of a list that the host reads and checks. */
const wasiItemFuel = 8;

/** A call across the border and some bookkeeping: about as long as 200 fuel. */
const wasiDefaultFuel = 200;

/** Calls that do more than bookkeeping: a lookup of a path, a list. */
const wasiFixedFuel: Readonly<Record<string, number>> = {
  path_open: 1000,
  path_filestat_get: 1000,
  fd_readdir: 1000,
  proc_exit: 0,
};

function fill(space: 'plain' | 'bulk'): Uint8Array {
  const table = new Uint8Array(256).fill(1);
  for (const entry of classes) {
    for (const [first, last] of entry[space] ?? []) table.fill(entry.fuel, first, last + 1);
  }
  return table;
}
