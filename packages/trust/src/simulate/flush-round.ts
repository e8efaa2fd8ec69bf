import { makeReady } from './hand-out.ts';
import { act } from './perform.ts';
import type { SimulatedTerminal } from './terminal.ts';
import { at, nobody, runStates } from './unit-store.ts';
import { takeReferred } from './work.ts';
import type { World } from './world.ts';

/** True when nothing of the job is out, waits to go out, or is being copied. */
export function isQuiet(world: World): boolean {
  return world.outstanding === 0 && world.cursor === world.jobTo && world.ready.length === 0;
}

/** Flushes what is still open of every terminal: draws the sample, or makes final what a sample passed for. */
export function flushRound(world: World): void {
  for (const terminal of [...world.terminals]) {
    if (terminal.trust.standing === 'revoked') continue;
    if (terminal.flushLast !== nobody) {
      act(world, terminal, null, terminal.flushLast, { kind: 'flush-passed' });
      continue;
    }
    const { open, checked } = countOpen(world, terminal);
    if (open === 0) continue;
    terminal.flushLast = terminal.last;
    act(world, terminal, null, terminal.last, { kind: 'job-ended', open, checked });
  }
}

/** True when every run of the job is final. */
export function isJobFinal({ units, jobFrom, jobTo }: World): boolean {
  for (let unit = jobFrom; unit < jobTo; unit++) {
    if (at(units.state, unit) !== runStates.final) return false;
  }
  return true;
}

/** Nobody may or can compute what is left: the reference executor takes it. */
export function takeByReference(world: World): void {
  const { tally, ready, decoy } = world;
  for (let unit = ready.pop(); unit !== undefined; unit = ready.pop()) {
    tally.referenceRuns++;
    // In the model the contractor's own terminals are one.
    takeReferred(world, decoy, unit);
  }
}

/** Gives what was never handed out to the reference's share of the work. */
export function releaseRest(world: World): void {
  while (world.cursor < world.jobTo) makeReady(world, world.cursor++);
}

/** The terminal's results of the job that are not final, and how many of them passed a check drawn at random. */
export function countOpen({ units }: World, terminal: SimulatedTerminal): { open: number; checked: number } {
  let open = 0;
  let checked = 0;
  for (let unit = terminal.openHead; unit !== nobody; unit = at(units.next, unit)) {
    if (at(units.state, unit) !== runStates.open) continue;
    open++;
    if (at(units.sampled, unit) === 1) checked++;
  }
  return { open, checked };
}
