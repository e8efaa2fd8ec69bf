import type { ReturnedUnit, TrapKind } from './outcome.ts';
import { growRefusedMark } from './reserved.ts';
import { FuelLimitReached, OutputLimitReached, UnitExit } from './wasi/unit-end.ts';

/** What a throw out of a program means. */
export type UnitEnd =
  | { kind: 'exited'; exitCode: number }
  | { kind: 'trapped'; trap: TrapKind }
  | ReturnedUnit;

/**
 * Traps by their message, since the JavaScript interface of WebAssembly has no other name for them. These are
 * V8's words, which differ between versions (Node 26, Chromium 153); another engine needs its own rows here before it may run programs.
 */
const trapMessages: readonly (readonly [RegExp, TrapKind])[] = [
  [/^unreachable/, 'unreachable'],
  [/table index is out of bounds|table access out of bounds|table initializer/, 'table-out-of-bounds'],
  [/memory access out of bounds|data segment .*out of bounds/, 'memory-out-of-bounds'],
  [/^divide by zero|^remainder by zero/, 'division-by-zero'],
  [/^divide result unrepresentable/, 'integer-overflow'],
  [/^float unrepresentable in integer range/, 'invalid-conversion'],
  [/function signature mismatch|^null function/, 'indirect-call'],
];

/**
 * Sorts a throw into an exit, a trap that every machine would see, or a limit of this machine.
 * Rethrows, with its cause, what no rule explains: to guess could turn our own fault into a result.
 */
export function endOfThrow(error: unknown, fuel: bigint, fuelMax?: bigint): UnitEnd {
  if (error instanceof UnitExit) return { kind: 'exited', exitCode: error.exitCode };
  if (error instanceof OutputLimitReached) return { kind: 'trapped', trap: 'output-limit' };
  if (error instanceof FuelLimitReached) return { kind: 'trapped', trap: 'fuel-limit' };
  if (isStackExhausted(error)) return { kind: 'returned', cause: 'stack-exhausted' };
  if (isOutOfMemory(error)) return { kind: 'returned', cause: 'host-memory' };
  if (error instanceof WebAssembly.RuntimeError) {
    const trap = trapMessages.find(([pattern]) => pattern.test(error.message))?.[1];
    if (trap === 'unreachable' && fuel === BigInt.asUintN(64, growRefusedMark)) {
      return { kind: 'returned', cause: 'host-memory' };
    }
    if (trap === 'unreachable' && fuelMax !== undefined && fuel > fuelMax) {
      return { kind: 'trapped', trap: 'fuel-limit' };
    }
    if (trap !== undefined) return { kind: 'trapped', trap };
  }
  throw new Error('A program ended in a way that no rule explains.', { cause: error });
}

/** V8 throws a RangeError, SpiderMonkey an InternalError. */
function isStackExhausted(error: unknown): boolean {
  return error instanceof Error && /call stack size exceeded|too much recursion/i.test(error.message);
}

function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof RangeError &&
    /out of memory|could not allocate|allocation failed|Invalid array( buffer)? length/i.test(error.message)
  );
}
