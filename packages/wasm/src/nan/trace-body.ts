/**
 * Follows the values of one function: a stack of nodes in step with the operand stack, and a node for each float local.
 * Every instruction is visited once; loops need no iteration, since the joins at their start get edges from later on.
 */
import { CodeCursor } from '../code-cursor.ts';
import { bulkOpcodes, f32, f64, op, plainOpcodes, v128 } from '../opcodes.ts';
import type { AdmittedProgram, FunctionBody, FunctionType } from '../program.ts';
import { constantNode } from './constant-node.ts';
import { flow, plainFlow } from './float-opcodes.ts';
import { isFloat } from './float-types.ts';
import { LocalStates } from './local-states.ts';
import { NodeStack } from './node-stack.ts';
import type { ProgramValues } from './program-values.ts';
import { traceVector } from './trace-vector.ts';
import { candidate, clean64, fixed, neutral, type ValueGraph } from './value-graph.ts';

/** An open block. */
interface Frame {
  readonly kind: number;
  readonly type: FunctionType;
  readonly height: number;
  readonly dead: boolean;
  /** The nodes that a branch to it flows into: of its results, for a loop of its parameters. Neutral for integers. */
  readonly labels: Int32Array;
  /** Parameters as the block was entered, for the other arm of an if. */
  readonly params: Int32Array;
}

const nothing: FunctionType = { params: new Uint8Array(0), results: new Uint8Array(0) };
const noNodes = new Int32Array(0);
const singleResults = new Map(
  [0x7f, 0x7e, f32, f64, v128].map((type) => [
    type,
    { params: nothing.params, results: Uint8Array.of(type) },
  ]),
);

export class BodyTracer {
  readonly #program: AdmittedProgram;
  readonly #graph: ValueGraph;
  readonly #values: ProgramValues;
  readonly #cursor: CodeCursor;
  readonly #locals: LocalStates;
  readonly #stack = new NodeStack();
  #frames: Frame[] = [];
  #dead = false;

  constructor(program: AdmittedProgram, graph: ValueGraph, values: ProgramValues) {
    this.#program = program;
    this.#graph = graph;
    this.#values = values;
    this.#cursor = new CodeCursor(program.bytes);
    this.#locals = new LocalStates(program, graph);
  }

  trace(body: FunctionBody, bodyIndex: number): void {
    const index = this.#program.imports.length + bodyIndex;
    const type = this.#program.types[this.#program.functionTypes[index] as number] as FunctionType;
    this.#locals.beginBody(body, type, (k) => this.#values.functionParam(index, type, k));
    this.#stack.height = 0;
    this.#dead = false;
    const labels = Int32Array.from(type.results, (_, k) => this.#values.functionResult(index, type, k));
    this.#frames = [{ kind: op.block, type, height: 0, dead: false, labels, params: noNodes }];
    const cursor = this.#cursor;
    cursor.pos = body.codeStart;
    while (cursor.pos < body.end) {
      const place = cursor.pos++;
      this.#instruction(cursor.bytes[place] as number, place);
    }
  }

  #instruction(opcode: number, place: number): void {
    const cursor = this.#cursor;
    switch (opcode) {
      case op.block:
      case op.loop:
      case op.if:
        this.#open(opcode);
        return;
      case op.else:
        this.#else();
        return;
      case op.end:
        this.#end();
        return;
      case op.simdPrefix: {
        const simd = cursor.u32();
        const immediates = cursor.pos;
        cursor.skipSimdImmediate(simd);
        if (!this.#dead) traceVector(this.#graph, this.#stack, cursor, { opcode: simd, place, immediates });
        return;
      }
      case op.bulkPrefix: {
        const bulk = cursor.u32();
        cursor.skipBulkImmediate(bulk);
        if (!this.#dead)
          this.#integer(bulkOpcodes.arity[bulk] as number, bulkOpcodes.types[4 * bulk + 3] as number);
        return;
      }
      default:
    }
    if (this.#dead) {
      cursor.skipImmediate(opcode);
      return;
    }
    const kind = plainFlow[opcode] as number;
    if (kind !== flow.integer) {
      cursor.skipImmediate(opcode);
      this.#scalar(kind, opcode, place);
      return;
    }
    this.#plain(opcode, place);
  }

  #plain(opcode: number, place: number): void {
    const cursor = this.#cursor;
    const values = this.#values;
    switch (opcode) {
      case op.unreachable:
        this.#dead = true;
        break;
      case op.br:
        this.#branch(cursor.u32());
        this.#dead = true;
        break;
      case op.brIf:
        this.#stack.height--;
        this.#branch(cursor.u32());
        break;
      case op.brTable:
        this.#stack.height--;
        for (let count = cursor.u32(); count >= 0; count--) this.#branch(cursor.u32());
        this.#dead = true;
        break;
      case op.return:
        this.#branch(this.#frames.length - 1);
        this.#dead = true;
        break;
      case op.call: {
        const callee = cursor.u32();
        const type = this.#program.types[this.#program.functionTypes[callee] as number] as FunctionType;
        this.#stack.height -= type.params.length;
        const base = this.#stack.height;
        for (let k = 0; k < type.params.length; k++) {
          this.#graph.flow(this.#stack.at(base + k), values.functionParam(callee, type, k));
        }
        for (let k = 0; k < type.results.length; k++)
          this.#stack.push(values.functionResult(callee, type, k));
        break;
      }
      case op.callIndirect: {
        const typeIndex = cursor.u32();
        cursor.skipNumber();
        const type = this.#program.types[typeIndex] as FunctionType;
        this.#stack.height -= type.params.length + 1;
        const base = this.#stack.height;
        for (let k = 0; k < type.params.length; k++) {
          this.#graph.flow(this.#stack.at(base + k), values.typeParam(typeIndex, type, k));
        }
        for (let k = 0; k < type.results.length; k++) this.#stack.push(values.typeResult(typeIndex, type, k));
        break;
      }
      case op.drop:
        this.#stack.height--;
        break;
      case op.select:
      case op.selectTyped: {
        cursor.skipImmediate(opcode);
        this.#stack.height--;
        const right = this.#stack.pop();
        this.#stack.push(this.#graph.either(this.#stack.pop(), right));
        break;
      }
      case op.localGet:
        this.#stack.push(this.#locals.get(cursor.u32()));
        break;
      case op.localSet:
        this.#locals.set(cursor.u32(), this.#stack.pop());
        break;
      case op.localTee:
        this.#locals.set(cursor.u32(), this.#stack.peek(1));
        break;
      case op.globalGet:
        this.#stack.push(values.global(cursor.u32()));
        break;
      case op.globalSet: {
        const node = values.global(cursor.u32());
        const value = this.#stack.pop();
        if (node !== neutral) this.#graph.flow(value, node);
        break;
      }
      case op.f32Const:
      case op.f64Const:
        cursor.skipImmediate(opcode);
        this.#stack.push(constantNode(cursor.bytes, place));
        break;
      default:
        cursor.skipImmediate(opcode);
        this.#integer(plainOpcodes.arity[opcode] as number, plainOpcodes.types[4 * opcode + 3] as number);
    }
  }

  /** Pops, and pushes a value that is no NaN when there is a result. */
  #integer(arity: number, result: number): void {
    this.#stack.height -= arity;
    if (result !== 0) this.#stack.push(neutral);
  }

  #scalar(kind: number, opcode: number, place: number): void {
    const graph = this.#graph;
    const arity = plainOpcodes.arity[opcode] as number;
    switch (kind) {
      case flow.produceF32:
      case flow.produceF64:
        this.#stack.height -= arity;
        this.#stack.push(
          graph.produce(kind === flow.produceF32 ? candidate.f32 : candidate.f64, this.#cursor.pos),
        );
        break;
      case flow.fixed:
        this.#stack.height -= arity;
        this.#stack.push(fixed);
        break;
      case flow.convert64:
        this.#stack.height -= arity;
        this.#stack.push(clean64);
        break;
      case flow.copysign: {
        graph.sink(this.#stack.pop(), place, sinkOf(plainOpcodes.types[4 * opcode + 1] as number));
        this.#stack.push(graph.withSign(this.#stack.pop()));
        break;
      }
      case flow.sink: {
        const type = plainOpcodes.types[4 * opcode + arity - 1] as number;
        graph.sink(this.#stack.peek(1), place, sinkOf(type));
        this.#integer(arity, plainOpcodes.types[4 * opcode + 3] as number);
        break;
      }
      default:
        this.#stack.push(graph.withSign(this.#stack.pop()));
    }
  }

  #open(kind: number): void {
    const type = this.#blockType();
    if (kind === op.if && !this.#dead) this.#stack.height--;
    if (this.#dead) {
      this.#frames.push({ kind, type, height: 0, dead: true, labels: noNodes, params: noNodes });
      return;
    }
    const height = this.#stack.height - type.params.length;
    const params = type.params.length === 0 ? noNodes : this.#stack.slice(height);
    const targets = kind === op.loop ? type.params : type.results;
    const labels =
      targets.length === 0
        ? noNodes
        : Int32Array.from(targets, (target) => (isFloat(target) ? this.#graph.node() : neutral));
    this.#frames.push({ kind, type, height, dead: false, labels, params });
    if (kind === op.loop) {
      this.#flowInto(labels);
      this.#stack.replace(height, labels);
    }
    this.#locals.open(kind === op.loop, kind === op.if);
  }

  #else(): void {
    const frame = this.#frames[this.#frames.length - 1] as Frame;
    if (frame.dead) return;
    if (!this.#dead) {
      this.#flowInto(frame.labels);
      this.#locals.joinEnd();
    }
    this.#locals.beginElse();
    this.#stack.height = frame.height;
    for (const node of frame.params) this.#stack.push(node);
    this.#dead = false;
  }

  #end(): void {
    const frame = this.#frames.pop() as Frame;
    if (frame.dead) return;
    if (frame.kind === op.loop) {
      this.#locals.closeLoop();
      if (this.#dead) this.#pushDeadResults(frame);
    } else {
      if (!this.#dead) this.#flowInto(frame.labels);
      if (this.#frames.length > 0) this.#locals.closeBlock(this.#dead);
      this.#stack.height = frame.height;
      // An if without else has equal parameters and results, and passes them on.
      if (frame.kind === op.if) for (let k = 0; k < frame.params.length; k++) this.#flowParam(frame, k);
      for (const node of frame.labels) this.#stack.push(node);
    }
    this.#dead = false;
  }

  #flowParam(frame: Frame, k: number): void {
    const label = frame.labels[k];
    if (label !== undefined && label !== neutral) this.#graph.flow(frame.params[k] as number, label);
  }

  /** The results of a loop whose end is never reached: values that do not exist. */
  #pushDeadResults(frame: Frame): void {
    this.#stack.height = frame.height;
    for (let k = 0; k < frame.type.results.length; k++) this.#stack.push(neutral);
  }

  #branch(label: number): void {
    const depth = this.#frames.length - 1 - label;
    const frame = this.#frames[depth] as Frame;
    this.#flowInto(frame.labels);
    if (depth > 0) this.#locals.branch(depth);
  }

  /** Lets the values on top of the stack flow into the nodes of a label. */
  #flowInto(labels: Int32Array): void {
    const base = this.#stack.height - labels.length;
    for (let k = 0; k < labels.length; k++) {
      if (labels[k] !== neutral) this.#graph.flow(this.#stack.at(base + k), labels[k] as number);
    }
  }

  #blockType(): FunctionType {
    const byte = this.#cursor.bytes[this.#cursor.pos] as number;
    if (byte === 0x40 || (byte >= v128 && byte < 0x80)) {
      this.#cursor.pos++;
      return singleResults.get(byte) ?? nothing;
    }
    return this.#program.types[this.#cursor.u32()] as FunctionType;
  }
}

function sinkOf(type: number): number {
  return type === f32 ? candidate.sinkF32 : candidate.sinkF64;
}
