import type { AdmittedProgram, FunctionType } from '../program.ts';
import { canonicalTypes } from '../type-identity.ts';
import { constantNode } from './constant-node.ts';
import { isFloat } from './float-types.ts';
import { fixed, neutral, type ValueGraph } from './value-graph.ts';

/**
 * The nodes that join functions: parameters and results of each function and of each type that is called indirectly,
 * and globals. A node is reserved for every parameter and result, those of integers stay neutral.
 */
export class ProgramValues {
  readonly #program: AdmittedProgram;
  readonly #graph: ValueGraph;
  readonly #identity: Uint32Array;
  /** First node of a function's parameters, then of its results; the same by type, for indirect calls. */
  readonly #byFunction: Int32Array;
  readonly #byType: Int32Array;
  readonly #globals: Int32Array;

  constructor(program: AdmittedProgram, graph: ValueGraph) {
    this.#program = program;
    this.#graph = graph;
    this.#identity = canonicalTypes(program.types);
    const reserve = (type: FunctionType) => {
      const first = graph.origins.length;
      for (let k = type.params.length + type.results.length; k > 0; k--) graph.node();
      return first;
    };
    this.#byType = Int32Array.from(program.types, (type) => (hasFloats(type) ? reserve(type) : -1));
    this.#byFunction = Int32Array.from(program.functionTypes, (index) => {
      const type = program.types[index] as FunctionType;
      return hasFloats(type) ? reserve(type) : -1;
    });
    this.#globals = Int32Array.from(program.globals, (global) => {
      if (!isFloat(global.type)) return neutral;
      const node = graph.node();
      graph.flow(constantNode(program.bytes, global.initStart), node);
      return node;
    });
    this.#connect();
  }

  /** The node of a float parameter; neutral for an integer. */
  functionParam(index: number, type: FunctionType, k: number): number {
    return isFloat(type.params[k] as number) ? (this.#byFunction[index] as number) + k : neutral;
  }

  functionResult(index: number, type: FunctionType, k: number): number {
    return isFloat(type.results[k] as number)
      ? (this.#byFunction[index] as number) + type.params.length + k
      : neutral;
  }

  typeParam(typeIndex: number, type: FunctionType, k: number): number {
    return isFloat(type.params[k] as number) ? this.#typeBase(typeIndex) + k : neutral;
  }

  typeResult(typeIndex: number, type: FunctionType, k: number): number {
    return isFloat(type.results[k] as number) ? this.#typeBase(typeIndex) + type.params.length + k : neutral;
  }

  global(index: number): number {
    return this.#globals[index] as number;
  }

  #typeBase(typeIndex: number): number {
    return this.#byType[this.#identity[typeIndex] as number] as number;
  }

  /** Indirect calls reach every function of their type that has its address taken; the host reaches exported ones. */
  #connect(): void {
    const graph = this.#graph;
    this.#program.functionTypes.forEach((typeIndex, index) => {
      if (this.#byFunction[index] === -1) return;
      const type = this.#program.types[typeIndex] as FunctionType;
      for (let k = 0; k < type.params.length; k++) {
        const param = this.functionParam(index, type, k);
        if (param === neutral) continue;
        if (this.#program.addressTaken[index] === 1) graph.flow(this.typeParam(typeIndex, type, k), param);
        if (this.#program.exported[index] === 1) graph.flow(fixed, param);
      }
      for (let k = 0; k < type.results.length; k++) {
        const result = this.functionResult(index, type, k);
        if (result === neutral) continue;
        if (this.#program.addressTaken[index] === 1) graph.flow(result, this.typeResult(typeIndex, type, k));
        if (this.#program.exported[index] === 1) graph.observe(result);
      }
    });
  }
}

function hasFloats(type: FunctionType): boolean {
  return type.params.some(isFloat) || type.results.some(isFloat);
}
