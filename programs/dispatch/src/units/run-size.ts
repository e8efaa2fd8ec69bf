/** What is known when a run is cut for a terminal. */
export interface RunDemand {
  /** Mean fuel of the job's units so far; undefined before the first result. */
  readonly fuelPerUnit: number | undefined;
  /** Fuel that the published reference machine computes in a second on one core. */
  readonly referenceFuelPerSecond: number;
  /** Workers of the terminal. */
  readonly parallel: number;
  /** Most units that the terminal wants. */
  readonly unitsMax: number;
  /** Units of the job that are not accepted yet. */
  readonly unitsLeft: number;
  /** Terminals that asked this replica for work lately, this one included. */
  readonly terminals: number;
}

/** HOTPATH.md, finding 10: a run is about a minute of work, so that a call costs nothing beside it. */
const runSeconds = 60;
/** Ten times the estimate: a machine ten times slower than the reference still counts. */
const deadlineFactor = 10;
/** A deadline shorter than this would punish a member for closing the lid for a moment. */
export const deadlineFloorMs = 60_000;
/** The time that a minute of one worker's work may take, in the measure of `Pace`. */
export const callMs = deadlineFactor * runSeconds * 1_000;
/** Half of an even share, so that near a job's end runs shrink and all terminals end at about the same time. */
const shareDivisor = 2;

/** Units in a terminal's next run, at least one: about a minute of work for all its workers, and never more than a fair share of what is left. */
export function runUnits(demand: RunDemand): number {
  const { fuelPerUnit, referenceFuelPerSecond, parallel, unitsMax, unitsLeft, terminals } = demand;
  // Before the first result a unit may be anything: one for each worker tells how much it is.
  const byTime =
    fuelPerUnit === undefined
      ? parallel
      : Math.floor((runSeconds * parallel * referenceFuelPerSecond) / Math.max(1, fuelPerUnit));
  const byShare = Math.ceil(unitsLeft / (shareDivisor * Math.max(1, terminals)));
  return Math.max(1, Math.min(byTime, byShare, unitsMax));
}

/** Milliseconds after which a run of `units` goes to another terminal: ten times what one core of the reference machine needs. */
export function deadlineMs(
  units: number,
  demand: Pick<RunDemand, 'fuelPerUnit' | 'referenceFuelPerSecond'>,
  unitTimeMsMax: number,
): number {
  const { unitMs, unitMsMax } = paceOf(demand, unitTimeMsMax);
  return Math.round(Math.min(deadlineFloorMs + units * unitMsMax, Math.max(deadlineFloorMs, units * unitMs)));
}

/** How long runs of a job may take, for each of their units, beside the floor. */
export interface Pace {
  readonly unitMs: number;
  /** No unit runs longer than its limit, so no run can be honest after this. */
  readonly unitMsMax: number;
}

/** The pace of a job; before its first result a unit may take as long as its limit. */
export function paceOf(
  { fuelPerUnit, referenceFuelPerSecond }: Pick<RunDemand, 'fuelPerUnit' | 'referenceFuelPerSecond'>,
  unitTimeMsMax: number,
): Pace {
  const unitMs =
    fuelPerUnit === undefined
      ? unitTimeMsMax
      : deadlineFactor * (fuelPerUnit / referenceFuelPerSecond) * 1000;
  return { unitMs, unitMsMax: unitTimeMsMax };
}
