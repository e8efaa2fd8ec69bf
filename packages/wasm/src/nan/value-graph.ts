import { IntList } from '../growable.ts';

/**
 * Where the bits of values come from, for the whole program: a node for each value that may hold a NaN, and an edge from
 * each value to those that it may become (by a local, the end of a block, a call, a global, select, negation).
 *
 * Three nodes stand for many values. `neutral` is for those of which no 32 bits are an f32 that is NaN or infinite, and
 * so no 64 bits an f64 (integers, most constants, conversions from integers to f32). `clean64` is for f64 that are
 * numbers, though one half, read as an f32, may be a NaN. `fixed` is for those whose bits are the same on every machine
 * though they may be a NaN with a meaning of its own (loaded from memory, reinterpreted, integer vectors).
 *
 * A program is hardly longer for having thousands of locals joined at thousands of places. So nodes, edges and copied
 * locals of the whole program are counted, and when they are too many the graph is given up: it is full, keeps nothing
 * but the candidates, and the plan has to do without knowing what reaches what.
 */
export class ValueGraph {
  /** By node: bits of `origin` that the node has by itself. */
  readonly origins = new IntList();
  /** Edges: the bits of `from` may become those of `to`. */
  readonly from = new IntList();
  readonly to = new IntList();
  /** Places where canonicalising may become necessary, in code order. */
  readonly candidates = { nodes: new IntList(), places: new IntList(), kinds: new IntList() };
  /** Values whose bits are used in a way that no canonicalising at that place can serve. */
  readonly observed = new IntList();
  /** Values read as vectors of floats, the one origin that fits, and the value that keeps their bits or -1: triples. */
  readonly readAs = new IntList();

  #left: number;

  constructor(workMax = graphWorkMax) {
    this.#left = workMax;
    this.origins.push(0);
    this.origins.push(origin.fixed);
    this.origins.push(origin.clean64);
  }

  get isFull(): boolean {
    return this.#left < 0;
  }

  /** Takes so much from what the program may cost. False: the graph is full, and the work need not be done. */
  spend(work: number): boolean {
    if (this.isFull) return false;
    this.#left -= work;
    if (!this.isFull) return true;
    for (const list of [this.origins, this.from, this.to, this.observed, this.readAs]) list.clear();
    return false;
  }

  node(origins = 0): number {
    if (!this.spend(1)) return neutral;
    this.origins.push(origins);
    return this.origins.length - 1;
  }

  /** Says that the value `from` may become the value `to`. */
  flow(from: number, to: number): void {
    if (from === neutral || from === to || !this.spend(1)) return;
    this.from.push(from);
    this.to.push(to);
  }

  /** A value that is one of two. */
  either(left: number, right: number): number {
    if (left === right || right === neutral) return left;
    if (left === neutral) return right;
    const node = this.node();
    this.flow(left, node);
    this.flow(right, node);
    return node;
  }

  /**
   * The result of abs, neg or copysign: the operand's bits with a sign that the specification says, for a NaN, too.
   * To make the result canonical would undo that sign. So it counts as fixed bits: where they show, the arithmetic that
   * reaches them makes its own results canonical, and the sign is set on those.
   */
  withSign(node: number): number {
    if (node <= clean64) return node;
    const result = this.node(origin.fixed);
    this.flow(node, result);
    return result;
  }

  /** The result of float arithmetic at `place`, the offset after the instruction. */
  produce(form: number, place: number): number {
    const node = this.node(form === candidate.f32 || form === candidate.f32x4 ? origin.nan32 : origin.nan64);
    this.#candidate(node, place, form);
    return node;
  }

  /** A use of a value's bits at `place`, the offset of the instruction, where it is on top of the stack. */
  sink(node: number, place: number, kind: number): void {
    if (node > fixed) this.#candidate(node, place, kind);
  }

  observe(node: number): void {
    if (node > fixed) this.observed.push(node);
  }

  /** A use as vector of floats of one width: NaN of that width stay NaN, those of the other are visible bits. */
  readVector(node: number, width: number): void {
    if (node > fixed) this.#read(node, width, -1);
  }

  /** The result of an instruction that takes a vector apart by lanes of one width and keeps their bits. */
  keepLanes(node: number, width: number): number {
    if (node <= fixed) return node;
    const result = this.node();
    this.flow(node, result);
    this.#read(node, width, result);
    return result;
  }

  #read(node: number, width: number, result: number): void {
    this.readAs.push(node);
    this.readAs.push(width);
    this.readAs.push(result);
  }

  #candidate(node: number, place: number, kind: number): void {
    this.candidates.nodes.push(node);
    this.candidates.places.push(place);
    this.candidates.kinds.push(kind);
  }
}

/** Some 50 bytes each at the worst, so 400 MiB. */
export const graphWorkMax = 2 ** 23;

export const neutral = 0;
export const fixed = 1;
export const clean64 = 2;

/** What may have made a value. */
export const origin = {
  /** Arithmetic on f32 or f32x4: if it is a NaN, its bits differ between machines. */
  nan32: 1,
  /** The same for f64 or f64x2. */
  nan64: 2,
  fixed: 4,
  /** An f64 that is a number. */
  clean64: 8,
} as const;

/** Kinds of candidates: producers, numbered as in `nanForm`, and sinks by the type of what they take. */
export const candidate = { f32: 1, f64: 2, f32x4: 3, f64x2: 4, sinkF32: 5, sinkF64: 6, sinkV128: 7 } as const;
