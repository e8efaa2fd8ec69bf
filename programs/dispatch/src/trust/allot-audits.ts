import { faultPoint } from '@taika/runtime/fault-points';
import { defaultUnitLimits } from '@taika/wasm/unit';
import type { AllottedRun, Wanted, WorkingTerminal } from '../assignments/allot.ts';
import { memoryMiBOf } from '../jobs/job-catalogue.ts';
import { paceOf } from '../units/run-size.ts';
import type { WorkContext } from '../work-context.ts';
import { type AuditClaim, claimAudits, type JobDemand, lapseUnfitting } from './claim-queries.ts';
import { noteTooLarge } from './return-queries.ts';
import { warnOfReturned } from './warn-of-returned.ts';

/** Copies in one answer to a reference executor. */
const copiesMax = 16;

/**
 * Gives a terminal the copies that it was chosen for, before any other work. They travel like every assignment, and fit
 * its call as ordinary work does: nothing in them tells that a result of the same units is known.
 */
export async function allotAudits(
  work: WorkContext,
  { terminalNumber, memberNumber, role }: WorkingTerminal,
  wanted: Wanted,
  cycleKey: bigint,
): Promise<AllottedRun[]> {
  const isReference = role === 'reference';
  if (role === 'decoy' || !work.wantedAudits.isWantedFrom({ terminalNumber, isReference })) {
    return [];
  }
  const { sql } = work.context;
  const assignmentIds = await Promise.all(
    Array.from({ length: isReference ? copiesMax : 1 }, () => work.assignmentIds.next()),
  );
  const demands = await demandsOf(work);
  const asked = { terminalNumber, memberNumber, isReference, cycleKey, wanted, demands, assignmentIds };
  const claimed = await claimAudits(sql, asked);
  if (claimed.length > 0) {
    faultPoint('audits-claimed');
  }
  if (isReference) {
    await noteUnfitting(work, asked);
  } else if (claimed.length === 0 && (await lapseUnfitting(sql, asked)) > 0) {
    work.kickTrust();
  }
  return claimed.map(({ id, artefact, deadlineMs, ...run }) => {
    work.issuedRuns.remember({ id, ...run, terminalNumber, isCopy: true });
    return {
      assignmentId: id,
      ...run,
      deadlineMs,
      run: undefined,
      ...(artefact === null ? {} : { artefact }),
    };
  });
}

/** There is nobody else to give them to: it is told, and they are tried again. */
async function noteUnfitting(
  { context: { sql, log } }: WorkContext,
  { terminalNumber, wanted, demands }: Pick<AuditClaim, 'terminalNumber' | 'wanted' | 'demands'>,
): Promise<void> {
  const tooLarge = demands.filter(({ memoryMiB }) => memoryMiB > wanted.memoryMiB);
  if (tooLarge.length > 0) {
    warnOfReturned(log, await noteTooLarge(sql, { terminalNumber, demands: tooLarge }));
  }
}

/** A copy has the time and needs the memory of any run of its job: another deadline would tell it from others. */
async function demandsOf({ wantedAudits, runningJobs, catalogue }: WorkContext): Promise<JobDemand[]> {
  const demands = await Promise.all(
    wantedAudits.jobs().map(async (wanted) => {
      const details = await catalogue.find(wanted.jobNumber);
      const job = runningJobs.find(wanted.jobNumber) ?? wanted;
      return details === undefined
        ? []
        : [
            {
              jobNumber: wanted.jobNumber,
              memoryMiB: memoryMiBOf(details),
              ...paceOf(job, details.spec.limits?.timeMs ?? defaultUnitLimits.durationMsMax),
            },
          ];
    }),
  );
  return demands.flat();
}
