import { limits } from '@taika/protocol/limits';
import { type ComparedResult, compareOverlap } from './compare-results.ts';
import { isCritical } from './critical.ts';
import type { Desk } from './desk.ts';
import { noteSighting } from './note-sighting.ts';
import { act } from './perform.ts';
import { noteRecalled } from './recalled.ts';
import {
  type CommittedRun,
  hasDropped,
  listCommitted,
  listDroppedWithin,
  type ResultOwner,
  readResults,
  updateDropped,
} from './run-queries.ts';

/** Decides on results that were committed, oldest first; gives how many. */
export async function takeCommits(desk: Desk, limit: number): Promise<number> {
  const runs = await listCommitted(desk.tx, limit);
  if (runs.length === 0) {
    return 0;
  }
  await desk.load(
    runs.map(({ terminalNumber }) => terminalNumber),
    runs.map(({ jobNumber }) => jobNumber),
  );
  const compares = await hasDropped(desk.tx);
  for (const run of runs) {
    await takeCommit(desk, run, compares);
  }
  await desk.flush();
  return runs.length;
}

async function takeCommit(desk: Desk, run: CommittedRun, compares: boolean): Promise<void> {
  const { jobNumber, terminalNumber: author, units, fuel } = run;
  const job = desk.job(jobNumber);
  if (!job.isOpen && !job.isLost) {
    return;
  }
  const { isReference } = desk.terminal(author);
  if (!isReference) {
    await noteSighting(desk, run, { terminalNumber: author, occasion: '' });
  }
  if (compares && desk.terminal(author).standing !== 'revoked') {
    await compareWithDropped(desk, run);
  }
  if (isReference) {
    await takeReferred(desk, run);
    return;
  }
  desk.addToShare(jobNumber, desk.terminal(author), units);
  const { typicalFuel } = job;
  await act(
    desk,
    {
      kind: 'committed',
      fuel,
      typicalFuel: typicalFuel === null ? null : BigInt(Math.round(typicalFuel * units)),
      isCritical: run.isCritical || (await isCriticalByJob(desk, run)),
    },
    { run, author, occasion: 'committed' },
  );
}

/** Whether it is one of the results that the job says must be certain. */
async function isCriticalByJob(desk: Desk, run: CommittedRun): Promise<boolean> {
  const { critical, extreme } = desk.job(run.jobNumber);
  return critical !== null && isCritical(critical, await readResult(desk, run), extreme);
}

async function readResult({ tx }: Desk, run: CommittedRun): Promise<ComparedResult & ResultOwner> {
  const result = (await readResults(tx, run, [run.assignmentId])).get(run.assignmentId);
  if (result === undefined) {
    throw new Error(`The result of assignment ${run.assignmentId} is missing.`);
  }
  return result;
}

/** The reference executor computed it, because no other member may have it: it is final as it is. */
async function takeReferred(desk: Desk, run: CommittedRun): Promise<void> {
  const { jobNumber, units, terminalNumber: author } = run;
  const result = await readResult(desk, run);
  await desk.noteCertain(jobNumber, result);
  desk.changeCursor(jobNumber, { unitsByReference: units });
  const truth = { ...result, isAuthors: true };
  await act(desk, { kind: 'referred' }, { run, author, occasion: 'referred', truth });
}

/** What came in the place of a liar's dropped result shows whether that was a lie too. */
async function compareWithDropped(desk: Desk, run: CommittedRun): Promise<void> {
  const { tx } = desk;
  const dropped = await listDroppedWithin(tx, run, limits.runUnitsMax);
  if (dropped.length === 0) {
    return;
  }
  const result = await readResult(desk, run);
  for (const former of dropped) {
    const { units, differs } = compareOverlap(former, { ...run, digests: result.digests });
    const compared = {
      ...former,
      comparedUnits: Math.min(former.units, former.comparedUnits + units),
      isWrong: former.isWrong || differs,
    };
    await updateDropped(tx, run.jobNumber, compared);
    if (compared.comparedUnits === former.units) {
      await desk.load([former.terminalNumber]);
      await noteRecalled(desk, { run, author: former.terminalNumber, isWrong: compared.isWrong });
    }
  }
}
