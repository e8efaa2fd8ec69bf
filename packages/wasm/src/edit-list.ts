import { IntList } from './growable.ts';

/** What is to be done at a place in the original code. The argument's meaning is in brackets. */
export const edit = {
  /** Nothing; a place that was kept for an edit that turned out not to be needed. */
  nothing: 0,
  /** Charge a segment [segment]. */
  charge: 1,
  /** Charge the segment that follows a call before which the counter was flushed: sets it anew [segment]. */
  chargeAnew: 2,
  /** Add the counter to the global, before a call that may not return. */
  flush: 3,
  /** Replaces `return`, which must not pass by the flush at the function's end [depth of the wrapping block]. */
  return: 4,
  /** Replaces `memory.grow` by a call of the helper. */
  grow: 5,
  /** Charge the length on top of the stack, before a bulk instruction. */
  bulkLength: 6,
  /** Remember the counter of a counted loop before the loop [counted loop]. */
  loopStart: 7,
  /** Charge all iterations of a counted loop after it [counted loop]. */
  loopEnd: 8,
  /** Make the value on top of the stack canonical [its NaN kind]. */
  canonicalise: 9,
} as const;

/** Edits in the order of their places. */
export class EditList {
  readonly places = new IntList();
  readonly kinds = new IntList();
  readonly args = new IntList();

  get length(): number {
    return this.places.length;
  }

  /** Appends an edit before the byte at `place` and returns its index. */
  push(place: number, kind: number, arg = 0): number {
    this.places.push(place);
    this.kinds.push(kind);
    this.args.push(arg);
    return this.places.length - 1;
  }

  change(index: number, kind: number, arg: number): void {
    this.kinds.items[index] = kind;
    this.args.items[index] = arg;
  }
}
