import type { Sql } from '@taika/database/connect';
import { createBatcher } from '@taika/runtime/batcher';
import { findAssignments, type ReportedAssignment } from './queries.ts';

/** What reports are checked against. This replica's own runs are remembered, so the hot path reads nothing. */
export interface IssuedRuns {
  remember(run: ReportedAssignment): void;
  /** The run, if it is out; from the database where another replica, or this one before a restart, handed it out. */
  find(assignmentId: bigint): Promise<ReportedAssignment | undefined>;
  /** It was reported or returned. */
  forget(assignmentId: bigint): void;
}

/** About 30 MB; what does not fit is read when it is reported. */
const entriesMax = 200_000;

/** Creates an empty memory. What it holds may be gone from the database already: only the report's own statement decides. */
export function createIssuedRuns(hotSql: Sql): IssuedRuns {
  const runs = new Map<bigint, ReportedAssignment>();
  const finder = createBatcher<bigint, ReportedAssignment | undefined>({
    itemsMax: 1_000,
    async flush(assignmentIds) {
      const found = await findAssignments(hotSql, assignmentIds);
      return assignmentIds.map((assignmentId) => found.get(assignmentId));
    },
  });
  return {
    remember(run) {
      runs.set(run.id, run);
      if (runs.size > entriesMax) {
        for (const oldest of runs.keys()) {
          runs.delete(oldest);
          break;
        }
      }
    },
    find: async (assignmentId) => runs.get(assignmentId) ?? (await finder.push(assignmentId)),
    forget: (assignmentId) => void runs.delete(assignmentId),
  };
}
