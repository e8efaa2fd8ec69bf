import type { CycleReplyText } from '@taika/protocol/dispatch/cycle';
import type { Host } from '../host.ts';
import { appendRun } from '../unit-log.ts';
import type { ComputedRun } from './computed-run.ts';
import type { WorkCounts } from './work-counts.ts';

/** Writes into the member's log, and into the counts, what the server said of each run that was reported. */
export async function logVerdicts(
  { host, counts }: { readonly host: Host; readonly counts: WorkCounts },
  batch: readonly ComputedRun[],
  { acknowledgements }: CycleReplyText,
): Promise<void> {
  const said = new Map(acknowledgements.map((each) => [each.assignmentId, each]));
  for (const { ended } of batch) {
    const { assignment, brief, units, returned } = ended;
    const { assignmentId, jobId, firstUnit } = assignment;
    const { verdict = 'refused', detail } = said.get(assignmentId) ?? {};
    counts.noteVerdict(ended, verdict);
    if (verdict === 'refused') host.log.warn({ assignmentId, detail }, 'A report was refused.');
    await appendRun(host.store, {
      at: host.clock.now().toISOString(),
      jobId,
      description: brief?.description ?? '',
      programHash: brief?.programHash ?? '',
      assignmentId,
      firstUnit,
      units,
      verdict,
      ...(returned === undefined ? {} : { returned }),
      ...(detail === undefined ? {} : { detail }),
    });
  }
}
