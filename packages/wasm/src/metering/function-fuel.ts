/**
 * Refuses functions whose instructions, each taken once, weigh more than any compiler's do.
 *
 * Why: an engine drops arithmetic whose result is not used, so a loop over a mebibyte of it takes one cycle a turn and
 * counts a million and more for it. Unbounded, such a loop could turn the 64-bit counter over within a unit's ten minutes
 * (seen: 2^63 after six minutes) and have real work counted as next to nothing. With this bound a turn counts at most
 * 2^20, and at a turn in each cycle of 5 GHz the counter stays below 2^63 for half an hour.
 */
import { limitExceeded } from '../admission-error.ts';
import { findFunctionName } from '../function-name.ts';
import type { AdmittedProgram } from '../program.ts';
import type { MeteringPlan } from './plan.ts';

/** Fuel of a function's instructions, each taken once. A mebibyte of compiled code has about half of this. */
export const functionFuelMax = 2 ** 20;

/** Must come before entries are moved to callers: weights are still each function's own. */
export function checkFunctionFuel(program: AdmittedProgram, plan: MeteringPlan): void {
  for (let body = 0; body < program.bodies.length; body++) {
    let fuel = 0;
    const end = plan.firstSegment.at(body + 1);
    for (let segment = plan.firstSegment.at(body); segment < end; segment++) fuel += plan.weights.at(segment);
    if (fuel > functionFuelMax) throw refusal(program, body, fuel);
  }
}

function refusal(program: AdmittedProgram, body: number, fuel: number): Error {
  const functionIndex = program.imports.length + body;
  const remedy = 'Split the function, or compile with less inlining and unrolling.';
  return limitExceeded('fuel in one function', fuel, functionFuelMax, remedy).at({
    functionIndex,
    functionName: findFunctionName(program.bytes, functionIndex),
  });
}
