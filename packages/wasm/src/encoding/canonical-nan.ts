/** Bits of the NaN that others become, little-endian, as they stand in a constant. */
export interface NanBits {
  readonly f32: readonly number[];
  readonly f64: readonly number[];
  /** True when a vector comparison's "is NaN" is these bits, so that one `or` makes a lane canonical. */
  readonly isAllOnes: boolean;
}

/**
 * Which NaN each form writes. `strict` is what jobs are computed as; the others only tell the bits of a NaN from a lie
 * (docs/TRUST.md): a program that does the same in all of them does not look at what machines write differently.
 */
export const nanChoices = {
  strict: () => allOnes,
  /** What ARM and RISC-V make of 0/0, and what a compiler writes for it in advance, on x86 too. */
  positive: () => positive,
  /** What x86 makes of 0/0. */
  negative: () => negative,
  /** Both in turn, by the place in the program: finds what compares one NaN's bits with another's. */
  mixed: (place: number) => (place % 2 === 0 ? positive : negative),
} as const satisfies Readonly<Record<string, (place: number) => NanBits>>;

const allOnes: NanBits = { f32: Array(4).fill(0xff), f64: Array(8).fill(0xff), isAllOnes: true };
const positive: NanBits = {
  f32: [0, 0, 0xc0, 0x7f],
  f64: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
  isAllOnes: false,
};
const negative: NanBits = {
  f32: [0, 0, 0xc0, 0xff],
  f64: [0, 0, 0, 0, 0, 0, 0xf8, 0xff],
  isAllOnes: false,
};
