/**
 * Lets callers pay for the entry of a function: the weight of its first segment, which runs at every call, is added to
 * the segment of each direct call. A function without branches and loops then needs no metering of its own, and a
 * recursive one counts nothing on its way through the base case.
 *
 * Why the count is exact. A direct call runs the callee's first segment exactly once, and nothing else enters it: the
 * function is not exported and no element segment names it. A first segment may itself call; what its callees prepay is
 * part of its weight, and a function that calls itself that way pays for itself.
 */
import type { AdmittedProgram } from '../program.ts';
import type { MeteringPlan } from './plan.ts';

/** A sum of entries can double from function to function; beyond this a function pays for itself. */
const prepaidMax = 2 ** 31;

/** Moves the weights of entry segments to the callers, in the plan's weights. */
export function prepayEntries(program: AdmittedProgram, plan: MeteringPlan): void {
  const prepaid = sumEntries(program, plan);
  const imports = program.imports.length;
  const { callSegments, callCallees, weights, firstSegment } = plan;
  for (let call = 0; call < callSegments.length; call++) {
    weights.add(callSegments.at(call), prepaid[callCallees.at(call) - imports] as number);
  }
  for (let body = 0; body < prepaid.length; body++) {
    if ((prepaid[body] as number) > 0) weights.items[firstSegment.at(body)] = 0;
  }
}

const unseen = 0;
const open = 1;
const done = 2;

/** By body: the weight that callers pay, 0 when it pays for itself. Depth-first without recursion: chains are long. */
function sumEntries(program: AdmittedProgram, plan: MeteringPlan): Float64Array {
  const imports = program.imports.length;
  const count = program.bodies.length;
  const prepaid = new Float64Array(count);
  const state = new Uint8Array(count);
  const paysItself = new Uint8Array(count);
  const nextCall = new Int32Array(count);
  for (let root = 0; root < count; root++) {
    if (state[root] !== unseen) continue;
    const path = [root];
    for (let body = root; path.length > 0; body = path[path.length - 1] as number) {
      if (state[body] === unseen) {
        state[body] = open;
        nextCall[body] = plan.firstCall.at(body);
        prepaid[body] = 0;
      }
      const entry = plan.firstSegment.at(body);
      const call = nextCall[body] as number;
      if (call < plan.firstCall.at(body + 1) && plan.callSegments.at(call) === entry) {
        const callee = plan.callCallees.at(call) - imports;
        if (state[callee] === unseen) {
          path.push(callee);
          continue;
        }
        if (state[callee] === open) paysItself[callee] = 1;
        nextCall[body] = call + 1;
        continue;
      }
      if (call < plan.firstCall.at(body + 1)) {
        // The entry segment may go on after other segments, so later calls can belong to it too.
        nextCall[body] = call + 1;
        continue;
      }
      close(body, entry);
      path.pop();
    }
  }
  return prepaid;

  function close(body: number, entry: number): void {
    state[body] = done;
    let sum = plan.weights.at(entry);
    for (let call = plan.firstCall.at(body); call < plan.firstCall.at(body + 1); call++) {
      if (plan.callSegments.at(call) === entry) sum += prepaid[plan.callCallees.at(call) - imports] as number;
    }
    const index = imports + body;
    const entered = program.addressTaken[index] === 1 || program.exported[index] === 1;
    prepaid[body] = entered || paysItself[body] === 1 || sum > prepaidMax ? 0 : sum;
  }
}
