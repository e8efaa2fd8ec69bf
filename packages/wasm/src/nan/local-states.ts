import { CodeCursor } from '../code-cursor.ts';
import type { AdmittedProgram, FunctionBody, FunctionType } from '../program.ts';
import { isFloat } from './float-types.ts';
import { neutral, type ValueGraph } from './value-graph.ts';

/** What the locals held where control left for, or came into, an open block. */
interface FrameLocals {
  readonly isLoop: boolean;
  /** Loops: the joins at the start. Blocks: the locals joined over all branches to the end so far, if there was one. */
  joined: Int32Array | undefined;
  /** Ifs: the locals at the start, for the other arm. */
  before: Int32Array | undefined;
}

/**
 * The value of each float local at the place being traced, as nodes, and at the labels of open blocks.
 *
 * Joins copy all float locals. A function in which that would take long keeps all its locals in one node: less precise,
 * so perhaps slower when it runs, never wrong. What the functions of a program copy together is counted by the graph.
 */
export class LocalStates {
  readonly #program: AdmittedProgram;
  readonly #graph: ValueGraph;
  /** By local: its number among the float locals, or -1. */
  #slots = new Int32Array(256);
  #current: Int32Array = new Int32Array(0);
  #frames: FrameLocals[] = [];
  #coarse = false;

  constructor(program: AdmittedProgram, graph: ValueGraph) {
    this.#program = program;
    this.#graph = graph;
  }

  beginBody(body: FunctionBody, type: FunctionType, param: (k: number) => number): void {
    const locals = type.params.length + body.declaredLocals;
    if (locals > this.#slots.length) this.#slots = new Int32Array(2 * locals);
    let floats = 0;
    const initial: number[] = [];
    for (let k = 0; k < type.params.length; k++) {
      const float = isFloat(type.params[k] as number);
      this.#slots[k] = float ? floats++ : -1;
      if (float) initial.push(param(k));
    }
    const cursor = new CodeCursor(this.#program.bytes);
    cursor.pos = body.start;
    let next = type.params.length;
    for (let groups = cursor.u32(); groups > 0; groups--) {
      const count = cursor.u32();
      const float = isFloat(this.#program.bytes[cursor.pos++] as number);
      for (let k = 0; k < count; k++) this.#slots[next++] = float ? floats++ : -1;
    }
    this.#coarse = floats * (body.end - body.codeStart) > joinWorkMax;
    this.#frames = [];
    this.#current = new Int32Array(this.#coarse ? 1 : floats);
    if (this.#coarse) {
      this.#current[0] = this.#graph.node();
      for (const node of initial) this.#graph.flow(node, this.#current[0] as number);
      this.#frames = [];
    } else {
      this.#current.set(initial);
    }
  }

  get(local: number): number {
    const slot = this.#slots[local] as number;
    if (slot < 0) return neutral;
    return this.#current[this.#coarse ? 0 : slot] as number;
  }

  set(local: number, node: number): void {
    const slot = this.#slots[local] as number;
    if (slot < 0) return;
    if (this.#coarse) this.#graph.flow(node, this.#current[0] as number);
    else this.#current[slot] = node;
  }

  open(isLoop: boolean, isIf: boolean): void {
    if (this.#skips() || !this.#graph.spend(2 * this.#current.length)) {
      this.#frames.push(emptyFrame);
      return;
    }
    this.#frames.push({
      isLoop,
      joined: isLoop ? this.#openJoins() : undefined,
      before: isIf ? this.#current.slice() : undefined,
    });
  }

  /** A branch to the block that is number `depth` from outside, the function's own being 0. */
  branch(depth: number): void {
    if (this.#skips() || !this.#graph.spend(this.#current.length)) return;
    const frame = this.#frames[depth - 1] as FrameLocals;
    if (frame.isLoop) {
      const joined = frame.joined as Int32Array;
      for (let k = 0; k < joined.length; k++)
        this.#graph.flow(this.#current[k] as number, joined[k] as number);
    } else {
      this.#joinInto(frame);
    }
  }

  /** The end of the first arm of an if is reached. */
  joinEnd(): void {
    if (!this.#skips() && this.#graph.spend(this.#current.length))
      this.#joinInto(this.#frames[this.#frames.length - 1] as FrameLocals);
  }

  beginElse(): void {
    if (this.#skips()) return;
    const frame = this.#frames[this.#frames.length - 1] as FrameLocals;
    this.#current = frame.before as Int32Array;
    frame.before = undefined;
  }

  closeLoop(): void {
    this.#frames.pop();
  }

  /** Ends a block; `dead` says that its end is reached by branches only. */
  closeBlock(dead: boolean): void {
    const frame = this.#frames.pop() as FrameLocals;
    if (this.#skips() || !this.#graph.spend(this.#current.length)) return;
    if (!dead) this.#joinInto(frame);
    // An if without else: the condition may have been false.
    if (frame.before !== undefined) {
      this.#current = frame.before;
      this.#joinInto(frame);
    }
    if (frame.joined !== undefined) this.#current = frame.joined;
  }

  /** Gives every local a node that branches back can flow into. */
  #openJoins(): Int32Array {
    const joins = this.#current.map((node) => {
      const join = this.#graph.node();
      this.#graph.flow(node, join);
      return join;
    });
    this.#current = joins.slice();
    return joins;
  }

  #joinInto(frame: FrameLocals): void {
    if (frame.joined === undefined) {
      frame.joined = this.#current.slice();
      return;
    }
    const joined = frame.joined;
    for (let k = 0; k < joined.length; k++)
      joined[k] = this.#graph.either(joined[k] as number, this.#current[k] as number);
  }

  #skips(): boolean {
    return this.#coarse || this.#current.length === 0 || this.#graph.isFull;
  }
}

const emptyFrame: FrameLocals = { isLoop: false, joined: undefined, before: undefined };

/** Float locals times bytes of code: bounds the entries that joins can copy in one function. */
const joinWorkMax = 2 ** 24;
