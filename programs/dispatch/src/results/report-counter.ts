import type { Sql } from '@taika/database/connect';
import { isDataError } from '@taika/database/transaction';
import { createBatcher } from '@taika/runtime/batcher';
import { faultPoint } from '@taika/runtime/fault-points';
import { type CountedReport, countReports, type EarningReport, listCountedBefore } from './queries.ts';

/** Counts reports in groups. */
export interface ReportCounter {
  /** Undefined when the assignment is not out: counted before, or gone to another terminal. */
  count(report: EarningReport): Promise<CountedReport | undefined>;
  /** Whether this terminal's report of this assignment was counted before. */
  wasCounted(assignmentId: bigint, terminalNumber: bigint): Promise<boolean>;
}

const batchMax = 256;
/** A statement with more bytes than this would hold everybody up; reports with long outputs go in several. */
const batchBytesMax = 8 * 1024 * 1024;

/** Creates the batcher of reports. */
export function createReportCounter(hotSql: Sql): ReportCounter {
  const counter = createBatcher<EarningReport, CountedReport | undefined>({
    itemsMax: batchMax,
    // One terminal's bad report must not fail the others'. What was counted before the failure is found counted.
    isOfOneItem: isDataError,
    async flush(reports) {
      const answers = new Map<EarningReport, CountedReport>();
      for (const group of groupReports(reports)) {
        faultPoint('before-count');
        // In the order in which others lock assignments.
        const inOrder = group.toSorted((one, other) => (one.assignmentId < other.assignmentId ? -1 : 1));
        const counted = await countReports(hotSql, inOrder);
        faultPoint('counted');
        const byId = new Map(counted.map((answer) => [answer.assignmentId, answer]));
        for (const report of group) {
          const answer = byId.get(report.assignmentId);
          if (answer !== undefined) {
            answers.set(report, answer);
          }
        }
      }
      return reports.map((report) => answers.get(report));
    },
  });
  const finder = createBatcher<bigint, bigint | undefined>({
    itemsMax: 1_000,
    async flush(assignmentIds) {
      const counted = await listCountedBefore(hotSql, assignmentIds);
      return assignmentIds.map((assignmentId) => counted.get(assignmentId));
    },
  });
  return {
    count: (report) => counter.push(report),
    wasCounted: async (assignmentId, terminalNumber) => (await finder.push(assignmentId)) === terminalNumber,
  };
}

/** Groups within the bound on bytes, each naming an assignment once: two reports of one in a statement would both be answered. */
function groupReports(reports: readonly EarningReport[]): EarningReport[][] {
  const groups: EarningReport[][] = [];
  let group: EarningReport[] = [];
  let ids = new Set<bigint>();
  let bytes = 0;
  for (const report of reports) {
    const size = report.outputs.length + report.digests.length;
    if (group.length > 0 && (bytes + size > batchBytesMax || ids.has(report.assignmentId))) {
      groups.push(group);
      group = [];
      ids = new Set();
      bytes = 0;
    }
    group.push(report);
    ids.add(report.assignmentId);
    bytes += size;
  }
  groups.push(group);
  return groups;
}
