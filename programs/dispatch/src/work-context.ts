import type { AssignmentIds } from './assignments/assignment-ids.ts';
import type { Claims } from './assignments/claims.ts';
import type { Blobs } from './blobs/blobs.ts';
import type { DispatchContext } from './context.ts';
import type { JobCatalogue } from './jobs/job-catalogue.ts';
import type { EndedJobs } from './results/ended-jobs.ts';
import type { IssuedRuns } from './results/issued-runs.ts';
import type { ReportCounter } from './results/report-counter.ts';
import type { Caps } from './trust/caps.ts';
import type { WantedAudits } from './trust/wanted-audits.ts';
import type { AskingTerminals } from './units/asking-terminals.ts';
import type { Feeder } from './units/feeder.ts';
import type { RunningJobs } from './units/running-jobs.ts';

/** What the slices that hand out work share within a replica: caches and batchers, nothing that a crash could lose. */
export interface WorkContext {
  readonly context: DispatchContext;
  readonly blobs: Blobs;
  readonly catalogue: JobCatalogue;
  readonly runningJobs: RunningJobs;
  readonly endedJobs: EndedJobs;
  readonly feeder: Feeder;
  readonly claims: Claims;
  readonly assignmentIds: AssignmentIds;
  readonly issuedRuns: IssuedRuns;
  readonly counter: ReportCounter;
  readonly asking: AskingTerminals;
  readonly wantedAudits: WantedAudits;
  readonly caps: Caps;
  /** Wakes a loop of this replica, so that nobody waits for its next turn. */
  readonly kickSplit: () => void;
  readonly kickSettle: () => void;
  readonly kickAgree: () => void;
  readonly kickTrust: () => void;
}
