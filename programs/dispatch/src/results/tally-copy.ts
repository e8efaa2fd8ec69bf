import type { CopyRunRow } from './copy-queries.ts';

/** A copy that came back: computed up to `endUnit`, by this member. */
export interface ReturnedCopy {
  /** The first unit that was not computed. */
  readonly endUnit: number;
  readonly memberNumber: bigint;
  /** Whether this member may be asked for what it did not compute. */
  readonly mayAskAgain: boolean;
}

/**
 * The runs of an assignment after its copy came back. A run before `endUnit` has a vote more, one after it waits for
 * somebody else, and the one that `endUnit` falls into is cut in two. What the runs cover stays the same.
 */
export function tallyCopy(
  runs: readonly CopyRunRow[],
  { endUnit, memberNumber, mayAskAgain }: ReturnedCopy,
): CopyRunRow[] {
  return runs.flatMap((run) => {
    const computed = Math.min(run.units, Math.max(0, endUnit - run.firstUnit));
    const issued = run.issued - 1;
    const voted: CopyRunRow = { ...run, units: computed, votes: run.votes + 1, issued, isDue: true };
    const waiting: CopyRunRow = {
      ...run,
      firstUnit: run.firstUnit + computed,
      units: run.units - computed,
      issued,
      members: mayAskAgain ? run.members.filter((member) => member !== memberNumber) : run.members,
    };
    return [voted, waiting].filter(({ units }) => units > 0);
  });
}
