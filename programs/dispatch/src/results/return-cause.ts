/** Causes that say something of the unit, or of the machine beside it, and not of the member who pressed pause. */
export const causesOfUnit = ['stack-exhausted', 'time-limit', 'host-memory', 'runner-lost'] as const;

/** Why a run came back that nobody gave up by pressing pause: `refused`, what was reported did not fit; `overdue`, nothing came in time. */
export type ReturnCause = (typeof causesOfUnit)[number] | 'input-damaged' | 'refused' | 'overdue';

/** The cause that a report names; undefined for the wish of who computes, and for causes that nobody knows. */
export function returnCauseOf(restCause: string | undefined): ReturnCause | undefined {
  return [...causesOfUnit, 'input-damaged' as const].find((cause) => cause === restCause);
}
