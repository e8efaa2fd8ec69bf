/**
 * Fuel that one core of the reference machine computes in a second: near what V8 does on a plain server. It is fixed for all
 * contractors, because `targetSeconds` is turned into units by it: the split of a job must depend on job and input only. What
 * work costs is another matter, and is in the rate card.
 */
export const referenceFuelPerSecond = 1_000_000_000n;
