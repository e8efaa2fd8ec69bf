/**
 * Lets callers pay for the entry of a function: the weight of its first segment, which runs at every call, is added to
 * the segment of each call. A function without branches and loops then needs no metering of its own, and a recursive one
 * counts nothing on its way through the base case.
 *
 * Why the count is exact. A direct call runs the callee's first segment exactly once. When only direct calls reach a
 * function, they pay all of that segment. A first segment may itself call; what its callees prepay is part of its weight,
 * and a function that calls itself that way pays for itself.
 *
 * An indirect call that does not trap runs the first segment of exactly one function of its type among those that element
 * segments name. What all of these cost at least is paid by every call of any of them, indirect or direct; each pays the
 * rest itself. The host calls exported functions and pays nothing, so those pay for themselves, and so do all that share
 * a type with one in the table.
 */
import type { AdmittedProgram } from '../program.ts';
import { canonicalTypes } from '../type-identity.ts';
import type { MeteringPlan } from './plan.ts';

/** A sum of entries can double from function to function; beyond this a function pays for itself. */
const prepaidMax = 2 ** 31;

/** Moves the weights of entry segments to the callers, in the plan's weights. */
export function prepayEntries(program: AdmittedProgram, plan: MeteringPlan): void {
  const identity = canonicalTypes(program.types);
  const byType = leastOfTypes(program, plan, identity);
  const prepaid = sumEntries(program, plan, { identity, byType });
  const imports = program.imports.length;
  const { callSegments, callCallees, weights, firstSegment } = plan;
  for (let call = 0; call < callSegments.length; call++) {
    const callee = callCallees.at(call);
    const paid = callee < 0 ? byType[identity[~callee] as number] : prepaid[callee - imports];
    weights.add(callSegments.at(call), paid as number);
  }
  for (let body = 0; body < prepaid.length; body++)
    weights.add(firstSegment.at(body), -(prepaid[body] as number));
}

/** By canonical type: what indirect calls of it pay, the least weight of an entry that they may reach. */
function leastOfTypes(program: AdmittedProgram, plan: MeteringPlan, identity: Uint32Array): Float64Array {
  const least = new Float64Array(program.types.length).fill(Number.POSITIVE_INFINITY);
  program.addressTaken.forEach((taken, index) => {
    if (taken === 0) return;
    const type = identity[program.functionTypes[index] as number] as number;
    const body = index - program.imports.length;
    const fixed = body < 0 || program.exported[index] === 1;
    const own = fixed ? 0 : plan.weights.at(plan.firstSegment.at(body));
    least[type] = Math.min(least[type] as number, own);
  });
  // No function has this type: the call traps, and a trap has no fuel.
  return least.map((weight) => (weight === Number.POSITIVE_INFINITY ? 0 : weight));
}

interface Indirect {
  readonly identity: Uint32Array;
  readonly byType: Float64Array;
}

const unseen = 0;
const open = 1;
const done = 2;

/** By body: the weight that callers pay. Depth-first without recursion: chains are long. */
function sumEntries(
  program: AdmittedProgram,
  plan: MeteringPlan,
  { identity, byType }: Indirect,
): Float64Array {
  const imports = program.imports.length;
  const count = program.bodies.length;
  const prepaid = new Float64Array(count);
  const state = new Uint8Array(count);
  const paysItself = new Uint8Array(count);
  const nextCall = new Int32Array(count);
  for (let body = 0; body < count; body++) {
    const index = imports + body;
    if (program.addressTaken[index] === 0 && program.exported[index] === 0) continue;
    const type = identity[program.functionTypes[index] as number] as number;
    prepaid[body] = program.addressTaken[index] === 1 ? (byType[type] as number) : 0;
    state[body] = done;
  }
  for (let root = 0; root < count; root++) {
    if (state[root] !== unseen) continue;
    const path = [root];
    for (let body = root; path.length > 0; body = path[path.length - 1] as number) {
      if (state[body] === unseen) {
        state[body] = open;
        nextCall[body] = plan.firstCall.at(body);
      }
      const entry = plan.firstSegment.at(body);
      const call = nextCall[body] as number;
      if (call === plan.firstCall.at(body + 1)) {
        close(body, entry);
        path.pop();
        continue;
      }
      const callee = plan.callCallees.at(call) - imports;
      // The entry segment may go on after other segments, so that all calls are looked at.
      if (plan.callSegments.at(call) === entry && callee >= 0) {
        if (state[callee] === unseen) {
          path.push(callee);
          continue;
        }
        if (state[callee] === open) paysItself[callee] = 1;
      }
      nextCall[body] = call + 1;
    }
  }
  return prepaid;

  function close(body: number, entry: number): void {
    state[body] = done;
    let sum = plan.weights.at(entry);
    for (let call = plan.firstCall.at(body); call < plan.firstCall.at(body + 1); call++) {
      if (plan.callSegments.at(call) !== entry) continue;
      const callee = plan.callCallees.at(call);
      sum += (callee < 0 ? byType[identity[~callee] as number] : prepaid[callee - imports]) as number;
    }
    prepaid[body] = paysItself[body] === 1 || sum > prepaidMax ? 0 : sum;
  }
}
