/**
 * Which calls may end the program instead of returning: those from which `proc_exit` can be reached. Before such a call
 * the counter in the local must be written to the global, or a program could work inside a deep recursion and leave
 * through `proc_exit` with the work uncounted.
 *
 * The answer errs on the safe side: an indirect call may reach every function of its type that an element segment names.
 */
import { exitImport } from '../allowed-imports.ts';
import { CodeCursor } from '../code-cursor.ts';
import { IntList } from '../growable.ts';
import { op } from '../opcodes.ts';
import type { AdmittedProgram } from '../program.ts';
import { canonicalTypes } from '../type-identity.ts';

export interface MayExit {
  /** 1 for each function from which `proc_exit` can be reached, itself included. */
  readonly functions: Uint8Array;
  /** 1 for each type index whose indirect calls may reach such a function. */
  readonly types: Uint8Array;
}

export function findMayExit(program: AdmittedProgram): MayExit {
  const functions = new Uint8Array(program.functionTypes.length);
  const types = new Uint8Array(program.types.length);
  // Every one of them: admission refuses a second import of a name, but the count must not hang on that.
  const exits = program.imports.flatMap((item, index) => (item.name === exitImport ? [index] : []));
  if (exits.length === 0) return { functions, types };
  const identity = canonicalTypes(program.types);
  // Nodes are functions, then types: an indirect call of a type is a call of the type's node, which calls the functions.
  const edges = readCalls(program, identity);
  const typeNode = program.functionTypes.length;
  program.addressTaken.forEach((taken, index) => {
    if (taken === 1)
      edges.push(typeNode + (identity[program.functionTypes[index] as number] as number), index);
  });
  const reached = reachBackwards(edges, typeNode + program.types.length, exits);
  functions.set(reached.subarray(0, typeNode));
  for (let type = 0; type < types.length; type++)
    types[type] = reached[typeNode + (identity[type] as number)] as number;
  return { functions, types };
}

class Edges {
  readonly callers = new IntList();
  readonly callees = new IntList();

  push(caller: number, callee: number): void {
    this.callers.push(caller);
    this.callees.push(callee);
  }
}

function readCalls(program: AdmittedProgram, identity: Uint32Array): Edges {
  const edges = new Edges();
  const cursor = new CodeCursor(program.bytes);
  program.bodies.forEach((body, k) => {
    const caller = program.imports.length + k;
    cursor.pos = body.codeStart;
    while (cursor.pos < body.end) {
      const opcode = program.bytes[cursor.pos++] as number;
      if (opcode === op.call) edges.push(caller, cursor.u32());
      else if (opcode === op.callIndirect) {
        edges.push(caller, program.functionTypes.length + (identity[cursor.u32()] as number));
        cursor.skipNumber();
      } else if (opcode === op.bulkPrefix) cursor.skipBulkImmediate(cursor.u32());
      else if (opcode === op.simdPrefix) cursor.skipSimdImmediate(cursor.u32());
      else cursor.skipImmediate(opcode);
    }
  });
  return edges;
}

/** Marks every node from which one of `targets` can be reached, by a search along the edges turned around. */
function reachBackwards(edges: Edges, nodes: number, targets: readonly number[]): Uint8Array {
  const count = edges.callers.length;
  const firstOf = new Int32Array(nodes + 1);
  const callersOf = new Int32Array(count);
  const callees = edges.callees;
  // Counting sort of the edges by callee: `firstOf` holds counts, then ends, then beginnings.
  for (let k = 0; k < count; k++) firstOf[callees.at(k)] = (firstOf[callees.at(k)] as number) + 1;
  for (let node = 1; node <= nodes; node++)
    firstOf[node] = (firstOf[node] as number) + (firstOf[node - 1] as number);
  for (let k = count - 1; k >= 0; k--) {
    const place = (firstOf[callees.at(k)] as number) - 1;
    firstOf[callees.at(k)] = place;
    callersOf[place] = edges.callers.at(k);
  }
  const reached = new Uint8Array(nodes);
  const pending = [...targets];
  for (const target of targets) reached[target] = 1;
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (let k = firstOf[node] as number; k < (firstOf[node + 1] as number); k++) {
      const caller = callersOf[k] as number;
      if (reached[caller] === 1) continue;
      reached[caller] = 1;
      pending.push(caller);
    }
  }
  return reached;
}
