import { nanForm } from '../nan/nan-plan.ts';
import { f32, f64, i32, i64, v128 } from '../opcodes.ts';
import type { AdmittedProgram, FunctionType } from '../program.ts';
import { ByteWriter } from './byte-writer.ts';

/**
 * What the rewriter appends to a module, and under which indices. Everything is appended behind what is there, so no
 * index in code, elements or exports changes.
 */
export interface Layout {
  /** Index of the fuel counter among the globals. */
  readonly fuelGlobal: number;
  /** Index of the helper that stands for `memory.grow`, or -1. */
  readonly growFunction: number;
  /** Most pages that the memory may have. */
  readonly pagesMax: number;
  /** Fuel that a unit may use, or undefined for no cap. */
  readonly fuelMax: bigint | undefined;
  /** Types to append. */
  readonly newTypes: readonly FunctionType[];
  /** Index of the type of the helper, `i32 -> i32`. */
  readonly growType: number;
  /** By function type: the encoded type of a block with its results and no parameters. */
  readonly resultBlockTypes: readonly Uint8Array[];
}

export function planLayout(
  program: AdmittedProgram,
  memoryPagesMax: number,
  fuelMax: bigint | undefined,
): Layout {
  const newTypes: FunctionType[] = [];
  const indexByKey = new Map<string, number>();
  const addType = (params: Uint8Array, results: Uint8Array): number => {
    const key = `${params.join()}:${results.join()}`;
    const known = indexByKey.get(key);
    if (known !== undefined) return known;
    const index = program.types.length + newTypes.length;
    newTypes.push({ params, results });
    indexByKey.set(key, index);
    return index;
  };
  const resultBlockTypes = program.types.map((type) => {
    if (type.results.length === 0) return Uint8Array.of(0x40);
    if (type.results.length === 1) return Uint8Array.from(type.results);
    const writer = new ByteWriter(5);
    writer.s32(addType(new Uint8Array(0), type.results));
    return writer.finish();
  });
  return {
    fuelGlobal: program.globals.length,
    growFunction: program.growsMemory ? program.functionTypes.length : -1,
    pagesMax: Math.min(program.memory?.pagesMax ?? 65_536, memoryPagesMax),
    fuelMax,
    growType: program.growsMemory ? addType(Uint8Array.of(i32), Uint8Array.of(i32)) : -1,
    newTypes,
    resultBlockTypes,
  };
}

/** Locals that a rewritten function has over its own; -1 for those it does not need. */
export interface ExtraLocals {
  /** The counter, i64. */
  readonly counter: number;
  /** Length of a bulk instruction, i32. */
  readonly length: number;
  /** First of the starts of counted loops, i32. */
  readonly starts: number;
  readonly startCount: number;
  /** A value on its way to become canonical. */
  readonly f32: number;
  readonly f64: number;
  readonly vector: number;
  /** Groups to append to the declarations: count and type in turn. */
  readonly groups: readonly number[];
}

/** Numbers the extra locals behind the function's own. */
export function planLocals(
  first: number,
  needs: {
    readonly counter: boolean;
    readonly length: boolean;
    readonly starts: number;
    /** Forms of canonicalising, as in `NanPlan.forms`. */
    readonly nanForms: number;
  },
): ExtraLocals {
  const groups: number[] = [];
  let next = first;
  const take = (count: number, type: number): number => {
    if (count === 0) return -1;
    groups.push(count, type);
    next += count;
    return next - count;
  };
  const has = (form: number): boolean => (needs.nanForms & (1 << form)) !== 0;
  return {
    counter: take(needs.counter ? 1 : 0, i64),
    length: take(needs.length ? 1 : 0, i32),
    starts: take(needs.starts, i32),
    startCount: needs.starts,
    f32: take(has(nanForm.f32) ? 1 : 0, f32),
    f64: take(has(nanForm.f64) ? 1 : 0, f64),
    vector: take(has(nanForm.f32x4) || has(nanForm.f64x2) ? 1 : 0, v128),
    groups,
  };
}
