import { f32, v128 } from '../opcodes.ts';

/** Whether values of this type can hold the bits of a NaN that arithmetic has made: f32, f64 and v128. */
export function isFloat(type: number): boolean {
  return type >= v128 && type <= f32;
}
