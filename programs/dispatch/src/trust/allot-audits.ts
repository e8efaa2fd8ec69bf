import { defaultUnitLimits } from '@taika/wasm/unit';
import type { AllottedRun, Wanted, WorkingTerminal } from '../assignments/allot.ts';
import { paceOf } from '../units/run-size.ts';
import type { WorkContext } from '../work-context.ts';
import { claimAudits } from './audit-queries.ts';

/** Copies in one answer. */
const copiesMax = 16;

/**
 * Gives a terminal the copies that it was chosen for, before any other work. They travel like every assignment: nothing
 * in them tells that a result of the same units is known.
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
  const assignmentIds = await Promise.all(Array.from({ length: copiesMax }, () => work.assignmentIds.next()));
  const claimed = await claimAudits(work.context.sql, {
    terminalNumber,
    memberNumber,
    isReference,
    cycleKey,
    unitsMax: wanted.unitsMax,
    parallel: wanted.parallel,
    paces: await pacesOf(work),
    assignmentIds,
  });
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

/** A copy has the time that any run of its job has: another deadline would tell it from others. */
function pacesOf({ wantedAudits, runningJobs, catalogue }: WorkContext) {
  return Promise.all(
    wantedAudits.jobs().map(async (jobNumber) => {
      const details = await catalogue.find(jobNumber);
      const job = runningJobs.find(jobNumber);
      return {
        jobNumber,
        ...paceOf(
          { fuelPerUnit: job?.fuelPerUnit, referenceFuelPerSecond: job?.referenceFuelPerSecond ?? 1 },
          details?.spec.limits?.timeMs ?? defaultUnitLimits.durationMsMax,
        ),
      };
    }),
  );
}
