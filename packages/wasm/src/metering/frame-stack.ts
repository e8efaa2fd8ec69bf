/**
 * The open blocks of the function being scanned, as columns of numbers. It answers the one question of block merging:
 * did anything inside a block leave it past its end?
 *
 * Marking every block between a branch and its target would take time with the nesting, so each frame only keeps the
 * outermost target of the branches directly in it, and hands that on to its parent when it ends.
 */
export const frameKind = { block: 0, loop: 1 } as const;

/** What is known of a frame when it has ended. */
export interface EndedFrame {
  kind: number;
  /** The segment in which the block began. */
  segment: number;
  /** The segment with which its body began. */
  bodySegment: number;
  /** Whether the code before it was dead already. */
  dead: boolean;
  /** Whether a branch or a call that may end the program leaves it past its end. */
  escapes: boolean;
  /** How many branches name its label. */
  branches: number;
  /** The edit kept before a loop, or -1. */
  loopEdit: number;
  /** Place of the opcode that opened it. */
  start: number;
}

/** Counted loops inside each other that are hoisted; each needs a local, and functions may have 50,000. */
const countedDepthMax = 200;

export class FrameStack {
  depth = 0;
  readonly popped: EndedFrame = {
    kind: 0,
    segment: 0,
    bodySegment: 0,
    dead: false,
    escapes: false,
    branches: 0,
    loopEdit: -1,
    start: 0,
  };
  readonly #kind: Uint8Array;
  readonly #dead: Uint8Array;
  readonly #segment: Int32Array;
  readonly #bodySegment: Int32Array;
  readonly #reach: Int32Array;
  readonly #branches: Int32Array;
  readonly #loopEdit: Int32Array;
  readonly #start: Int32Array;
  /** Counted loops nested inside. */
  readonly #counted: Uint8Array;

  constructor(depthMax: number) {
    const size = depthMax + 1;
    this.#kind = new Uint8Array(size);
    this.#dead = new Uint8Array(size);
    this.#segment = new Int32Array(size);
    this.#bodySegment = new Int32Array(size);
    this.#reach = new Int32Array(size);
    this.#branches = new Int32Array(size);
    this.#loopEdit = new Int32Array(size);
    this.#start = new Int32Array(size);
    this.#counted = new Uint8Array(size);
  }

  clear(): void {
    this.depth = 0;
  }

  push(kind: number, segment: number, dead: boolean, loopEdit: number, start: number): void {
    const top = this.depth++;
    this.#kind[top] = kind;
    this.#dead[top] = dead ? 1 : 0;
    this.#segment[top] = segment;
    this.#bodySegment[top] = segment;
    this.#reach[top] = top;
    this.#branches[top] = 0;
    this.#loopEdit[top] = loopEdit;
    this.#start[top] = start;
    this.#counted[top] = 0;
  }

  setBodySegment(segment: number): void {
    this.#bodySegment[this.depth - 1] = segment;
  }

  /** Whether the innermost block began in dead code. */
  isDead(): boolean {
    return this.#dead[this.depth - 1] === 1;
  }

  /** Notes a branch to the label so many blocks outward. */
  branch(label: number): void {
    const top = this.depth - 1;
    const target = top - label;
    if (target < (this.#reach[top] as number)) this.#reach[top] = target;
    this.#branches[target] = (this.#branches[target] as number) + 1;
  }

  /** Notes that control may leave all blocks of the function. */
  leaveFunction(): void {
    this.#reach[this.depth - 1] = -1;
  }

  /** Ends the innermost block and describes it in `popped`. */
  pop(): void {
    const top = --this.depth;
    const popped = this.popped;
    const reach = this.#reach[top] as number;
    popped.kind = this.#kind[top] as number;
    popped.segment = this.#segment[top] as number;
    popped.bodySegment = this.#bodySegment[top] as number;
    popped.dead = this.#dead[top] === 1;
    popped.escapes = reach < top;
    popped.branches = this.#branches[top] as number;
    popped.loopEdit = this.#loopEdit[top] as number;
    popped.start = this.#start[top] as number;
    if (top === 0) return;
    const parent = top - 1;
    if (reach < (this.#reach[parent] as number)) this.#reach[parent] = reach;
    if ((this.#counted[top] as number) > (this.#counted[parent] as number))
      this.#counted[parent] = this.#counted[top] as number;
  }

  /** A local's number for the counted loop that has just ended, distinct from those of the loops in it; -1: none left. */
  takeCountedSlot(): number {
    const slot = this.#counted[this.depth] as number;
    if (slot >= countedDepthMax) return -1;
    this.#counted[this.depth - 1] = Math.max(this.#counted[this.depth - 1] as number, slot + 1);
    return slot;
  }
}
