import type { AdmittedProgram } from '../program.ts';
import { findMayExit } from './may-exit.ts';
import type { MeteringPlan } from './plan.ts';
import { prepayEntries } from './prepay.ts';
import { scanSegments } from './scan.ts';
import { watchHeavy } from './watch-heavy.ts';

/**
 * Decides what is charged where, for all functions: segments, then entries paid by callers, then counted loops. With a
 * cap, loops count as they run: what is charged after a loop would meet the cap too late.
 */
export function planMetering(program: AdmittedProgram, capped: boolean): MeteringPlan {
  const plan = scanSegments(program, findMayExit(program));
  prepayEntries(program, plan);
  watchHeavy(program, plan);
  hoistCountedLoops(plan, capped);
  return plan;
}

/** Moves the weight of each counted loop's body from the body to the place after the loop. */
function hoistCountedLoops(plan: MeteringPlan, capped: boolean): void {
  const { segments } = plan.countedLoops;
  for (let loop = 0; loop < segments.length; loop++) {
    const segment = segments.at(loop);
    plan.loopWeights.push(capped ? 0 : plan.weights.at(segment));
    if (capped) continue;
    plan.weights.items[segment] = 0;
  }
}
