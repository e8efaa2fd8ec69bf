import type { AssignmentText, JobBriefText, ReportText } from '@taika/protocol/dispatch/cycle';
import { limits } from '@taika/protocol/limits';
import { type EndedRun, unitCountOf } from './held-run.ts';
import { reportSize, returnWhole } from './report.ts';

/** What a run came to: the report for the server, and what the log will say. */
export interface ComputedRun {
  readonly report: ReportText;
  readonly ended: EndedRun;
}

/** Reports of one request, in characters: with them the body stays below the server's limit. */
const requestCharactersMax = limits.jsonBodyBytesMax * 0.75;

/** A run that goes back whole: nothing of it was computed. */
export function returnUncomputed(
  assignment: AssignmentText,
  brief: JobBriefText | undefined,
  cause: 'paused' | 'stopped',
): ComputedRun {
  const returned = { units: unitCountOf(assignment), cause };
  return {
    report: returnWhole(assignment.assignmentId, cause),
    ended: { assignment, brief, units: [], returned },
  };
}

/** Takes as many runs off the list as one request carries. */
export function takeBatch(unsaid: ComputedRun[]): ComputedRun[] {
  let count = 0;
  let characters = 0;
  for (const { report } of unsaid) {
    characters += reportSize(report);
    if (count > 0 && (characters > requestCharactersMax || count >= limits.reportsMax)) break;
    count++;
  }
  return unsaid.splice(0, count);
}

/** Nothing of it could be computed, and nobody asked for that. */
export function isFailure({ units, returned }: EndedRun): boolean {
  return units.length === 0 && returned !== undefined && !['paused', 'stopped'].includes(returned.cause);
}
