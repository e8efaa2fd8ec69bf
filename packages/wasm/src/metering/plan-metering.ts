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

/**
 * Moves the weight of each counted loop's body from the body to the place after the loop. Heavier bodies count as they
 * run: the counter is looked at only after all of a loop's iterations were added to it.
 */
function hoistCountedLoops(plan: MeteringPlan, capped: boolean): void {
  const { segments } = plan.countedLoops;
  for (let loop = 0; loop < segments.length; loop++) {
    const segment = segments.at(loop);
    const weight = plan.weights.at(segment);
    const hoists = !capped && weight < hoistedWeightMax;
    plan.loopWeights.push(hoists ? weight : 0);
    if (hoists) plan.weights.items[segment] = 0;
  }
}

/** Times the most iterations of a loop, 2^32, this is where the counter is stopped: a sum of two such is below 2^64. */
const hoistedWeightMax = 2 ** 30;
