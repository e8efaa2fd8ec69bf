import type { CodeCursor } from '../code-cursor.ts';
import { simdOpcodes, v128 } from '../opcodes.ts';
import { constantNode } from './constant-node.ts';
import { flow, simdFlow } from './float-opcodes.ts';
import type { NodeStack } from './node-stack.ts';
import { candidate, clean64, fixed, neutral, origin, type ValueGraph } from './value-graph.ts';

/** A vector instruction whose immediates the cursor has passed. */
export interface VectorInstruction {
  readonly opcode: number;
  /** Offset of the instruction. */
  readonly place: number;
  /** Offset of what follows the opcode. */
  readonly immediates: number;
}

/** Follows the values of one vector instruction. */
export function traceVector(
  graph: ValueGraph,
  stack: NodeStack,
  cursor: CodeCursor,
  it: VectorInstruction,
): void {
  const { opcode, place } = it;
  const kind = simdFlow[opcode] as number;
  const arity = simdOpcodes.arity[opcode] as number;
  switch (kind) {
    case flow.produceF32x4:
    case flow.demote:
      readAll(graph, stack, arity, kind === flow.demote ? origin.nan64 : origin.nan32);
      stack.push(graph.produce(candidate.f32x4, cursor.pos));
      break;
    case flow.produceF64x2:
    case flow.promote:
      readAll(graph, stack, arity, kind === flow.promote ? origin.nan32 : origin.nan64);
      stack.push(graph.produce(candidate.f64x2, cursor.pos));
      break;
    case flow.read32:
    case flow.read64:
      readAll(graph, stack, arity, kind === flow.read32 ? origin.nan32 : origin.nan64);
      stack.push(fixed);
      break;
    case flow.sign32:
    case flow.sign64: {
      const width = kind === flow.sign32 ? origin.nan32 : origin.nan64;
      stack.push(graph.withSign(graph.keepLanes(stack.pop(), width)));
      break;
    }
    case flow.extract32:
    case flow.extract64:
      stack.push(graph.keepLanes(stack.pop(), kind === flow.extract32 ? origin.nan32 : origin.nan64));
      break;
    case flow.either32:
    case flow.either64: {
      eitherLanes(graph, stack, kind === flow.either32 ? origin.nan32 : origin.nan64);
      break;
    }
    case flow.replace32:
    case flow.replace64: {
      const lane = stack.pop();
      const width = kind === flow.replace32 ? origin.nan32 : origin.nan64;
      stack.push(graph.either(graph.keepLanes(stack.pop(), width), graph.keepLanes(lane, width)));
      break;
    }
    case flow.splat:
      break;
    case flow.shuffle:
      traceShuffle(graph, stack, cursor.bytes, it.immediates);
      break;
    case flow.constant:
      stack.push(constantNode(cursor.bytes, place));
      break;
    case flow.sink:
      graph.sink(stack.peek(1), place, candidate.sinkV128);
      stack.height -= arity;
      break;
    default:
      observeAll(graph, stack, arity);
      if (kind === flow.convert64) stack.push(clean64);
      else if (simdOpcodes.types[4 * opcode + 3] === v128)
        stack.push(kind === flow.convert32 ? neutral : fixed);
      else if (simdOpcodes.types[4 * opcode + 3] !== 0) stack.push(neutral);
  }
}

/** A shuffle that moves whole lanes of floats keeps what they are; any other shows their bytes. */
function traceShuffle(graph: ValueGraph, stack: NodeStack, bytes: Uint8Array, lanes: number): void {
  const width = laneWidth(bytes, lanes);
  if (width === 1) {
    observeAll(graph, stack, 2);
    stack.push(fixed);
    return;
  }
  if (width === 4) {
    eitherLanes(graph, stack, origin.nan32);
    return;
  }
  const right = stack.pop();
  stack.push(graph.either(stack.pop(), right));
}

/** The lanes of the result are lanes of one of two vectors. */
function eitherLanes(graph: ValueGraph, stack: NodeStack, width: number): void {
  const right = graph.keepLanes(stack.pop(), width);
  stack.push(graph.either(graph.keepLanes(stack.pop(), width), right));
}

function readAll(graph: ValueGraph, stack: NodeStack, arity: number, width: number): void {
  for (let k = 0; k < arity; k++) graph.readVector(stack.pop(), width);
}

function observeAll(graph: ValueGraph, stack: NodeStack, arity: number): void {
  for (let k = 0; k < arity; k++) graph.observe(stack.pop());
}

/** 8 or 4 when a shuffle moves whole lanes of so many bytes, else 1. */
function laneWidth(bytes: Uint8Array, lanes: number): number {
  for (const width of [8, 4]) {
    let whole = true;
    for (let k = 0; k < 16; k++) {
      const lane = bytes[lanes + k] as number;
      const expected = k % width === 0 ? lane - (lane % width) : (bytes[lanes + k - 1] as number) + 1;
      if (lane !== expected) whole = false;
    }
    if (whole) return width;
  }
  return 1;
}
