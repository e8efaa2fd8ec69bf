import type { FunctionType } from './program.ts';

/** For each type index the smallest index of an equal type: `call_indirect` compares types by structure. */
export function canonicalTypes(types: readonly FunctionType[]): Uint32Array {
  const firstByKey = new Map<string, number>();
  return Uint32Array.from(types, (type, index) => {
    const key = `${String.fromCharCode(...type.params)}:${String.fromCharCode(...type.results)}`;
    const first = firstByKey.get(key) ?? index;
    firstByKey.set(key, first);
    return first;
  });
}
