import type { AdmittedProgram } from '../program.ts';
import { findMayExit } from './may-exit.ts';
import type { MeteringPlan } from './plan.ts';
import { prepayEntries } from './prepay.ts';
import { scanSegments } from './scan.ts';

/** Decides what is charged where, for all functions: segments, then entries paid by callers, then counted loops. */
export function planMetering(program: AdmittedProgram): MeteringPlan {
  const plan = scanSegments(program, findMayExit(program));
  prepayEntries(program, plan);
  hoistCountedLoops(plan);
  return plan;
}

/** Moves the weight of each counted loop's body from the body to the place after the loop. */
function hoistCountedLoops(plan: MeteringPlan): void {
  const { segments } = plan.countedLoops;
  for (let loop = 0; loop < segments.length; loop++) {
    const segment = segments.at(loop);
    plan.loopWeights.push(plan.weights.at(segment));
    plan.weights.items[segment] = 0;
  }
}
