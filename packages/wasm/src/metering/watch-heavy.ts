/**
 * Finds the functions in which the counter is watched, so that it cannot turn over.
 *
 * Why: an engine drops arithmetic whose result is not used, so a loop over a mebibyte of it takes one cycle a turn and
 * counts millions for it (seen: 2.4 × 10^16 fuel a second). Unwatched, such a loop could turn the 64-bit counter over within
 * a unit's time and have real work counted as next to nothing. Every turn of a loop and every call takes a cycle at least,
 * so that functions below the bound, at 5 GHz, count at most 4 × 10^18 in a whole day, the longest time of a unit. The
 * others compare the counter with `counterMax` at every flush and in their loops, as a cap on fuel does.
 */
import type { AdmittedProgram } from '../program.ts';
import { bodyFact, type MeteringPlan } from './plan.ts';

/** Fuel of a function's segments, each taken once, above which it is watched: some 20 KB of compiled code. */
export const unwatchedFuelMax = 2 ** 13;

/** Where a watched function stops the program: far above every unit's bound, and far below where the counter turns. */
export const counterMax = 2n ** 62n;

/** Marks them in the plan's facts. Must come after entries were moved to callers: calls bring their callees' along. */
export function watchHeavy(program: AdmittedProgram, plan: MeteringPlan): void {
  for (let body = 0; body < program.bodies.length; body++) {
    let fuel = 0;
    const end = plan.firstSegment.at(body + 1);
    for (let segment = plan.firstSegment.at(body); segment < end; segment++) fuel += plan.weights.at(segment);
    if (fuel > unwatchedFuelMax) plan.facts[body] = (plan.facts[body] as number) | bodyFact.isWatched;
  }
}
