import { needsEveryForm } from '@taika/trust/mismatch';
import { findAudit, lapseLate, listDueAudits, listJudgedParts, updateDone } from './audit-queries.ts';
import { type ComparedResult, compareResults, differingUnits } from './compare-results.ts';
import type { Desk } from './desk.ts';
import { settleCopy } from './final-queries.ts';
import { noteSighting } from './note-sighting.ts';
import { act, type Case } from './perform.ts';
import { noteRecalled } from './recalled.ts';
import { findFormerRun, findRun, type ResultOwner, readResults, updateCompared } from './run-queries.ts';
import { holdUntilProven, settleCopies } from './settle-copies.ts';
import { type Audit, isDrawnAtRandom, referenceVoucher, type TrustRun } from './trust-run.ts';

type Result = ComparedResult & ResultOwner;

/** Decides on copies and judgements that are in, and on copies that will not come; gives how many. */
export async function takeAudits(desk: Desk, limit: number): Promise<number> {
  await lapseLate(desk.tx);
  const due = await listDueAudits(desk.tx, limit);
  for (const { id } of due) {
    // An earlier one may have ended it: its run was dropped, or it is a judgement's second part.
    const audit = await findAudit(desk.tx, id);
    if (audit !== undefined && (audit.state === 'in' || audit.state === 'lapsed')) {
      await takeAudit(desk, audit);
      await desk.flush();
    }
  }
  return due.length;
}

async function takeAudit(desk: Desk, audit: Audit): Promise<void> {
  const { jobNumber, authorAssignment, authorTerminal, byTerminal, judgedTerminal } = audit;
  const run = await findRun(desk.tx, audit);
  if (run === undefined || run.assignmentId !== authorAssignment) {
    await endMoot(desk, audit);
    return;
  }
  await desk.load(
    [authorTerminal, byTerminal, judgedTerminal].filter((number) => number !== null),
    [jobNumber],
  );
  const wasRevoked = desk.terminal(authorTerminal).standing === 'revoked';
  const about = { run, author: authorTerminal, audit };
  if (audit.kind === 'judge') {
    await takeJudgement(desk, about);
  } else if (audit.resultUnits > 0) {
    await takeCopy(desk, about);
  } else {
    await lapse(desk, about);
  }
  const hasLapsed = audit.kind === 'copy' && audit.resultUnits < run.units;
  await afterAudit(desk, { audit, run, wasRevoked, isChecked: !hasLapsed });
}

/** The result that it was to check does not stand any more: nobody will compute it again. */
async function endMoot(desk: Desk, audit: Audit): Promise<void> {
  const { tx, now } = desk;
  await updateDone(tx, audit.id, { outcome: 'moot', now });
  await holdUntilProven(desk, audit);
  await desk.load([audit.authorTerminal], [audit.jobNumber]);
  const run = await findFormerRun(tx, audit);
  if (run !== undefined && desk.terminal(audit.authorTerminal).standing === 'revoked') {
    await noteRecalled(desk, { run, author: audit.authorTerminal, isChecked: false });
  }
}

type Audited = Omit<Case, 'occasion' | 'audit'> & { readonly audit: Audit };

async function takeCopy(desk: Desk, about: Audited): Promise<void> {
  const { run, audit } = about;
  const { tx, now } = desk;
  const partner = audit.byTerminal;
  const copyId = audit.assignmentId ?? 0n;
  const results = await readResults(tx, run, [run.assignmentId, copyId]);
  if (partner !== null) {
    await noteSighting(desk, run, { terminalNumber: partner, occasion: `:${audit.id}` });
  }
  const ours = found(results, run.assignmentId);
  const copy = found(results, copyId);
  const comparison = compareResults(ours, copy);
  if (audit.resultUnits < run.units && comparison === 'equal') {
    // Right as far as it goes, and no word on the rest.
    await updateDone(tx, audit.id, { outcome: 'equal-part', now });
    await holdUntilProven(desk, audit);
    noteCost(desk, audit);
    await lapse(desk, about);
    return;
  }
  await updateDone(tx, audit.id, { outcome: comparison, now });
  if (partner === null && audit.reason === 'critical') {
    await desk.noteCertain(audit.jobNumber, copy);
  }
  noteCost(desk, audit);
  if (comparison === 'equal' && isDrawnAtRandom(audit.reason)) {
    desk.changeCursor(audit.jobNumber, { checksDrawn: 1 });
  }
  const isBelieved = partner === null || desk.terminal(partner).standing === 'trusted';
  const vouches =
    comparison === 'equal' && isBelieved && audit.reason !== 'recall' && audit.reason !== 'decoy';
  await updateCompared(tx, run, {
    voucher: vouches ? (partner ?? referenceVoucher) : null,
    isSampled: isDrawnAtRandom(audit.reason),
  });
  if (partner === null && comparison === 'equal') {
    await settleCopies(desk, run, { ...copy, isAuthors: true });
  } else if (!isBelieved || (audit.reason === 'decoy' && comparison !== 'equal')) {
    // Its claim does not hang on this run's: nobody asks about it again.
    await holdUntilProven(desk, audit);
  } else if (audit.reason === 'recall' && comparison === 'equal') {
    // A stranger's word on a result that was final before: nobody asks about either again.
    await settleCopy(tx, audit.id, { to: 'paid', now });
  }
  await act(
    desk,
    { kind: 'compared', reason: audit.reason, comparison },
    {
      ...about,
      run: vouches ? run : { ...run, awaits: false },
      partner,
      occasion: `compared:${audit.id}`,
      differing: unitsOf(run, differingUnits(ours, copy)),
      ...(partner === null ? { truth: { ...copy, isAuthors: comparison === 'equal' } } : {}),
    },
  );
  if (vouches && partner === null) {
    noteFailure(desk, run, ours);
  }
}

async function takeJudgement(desk: Desk, about: Audited): Promise<void> {
  const { run, audit } = about;
  const { tx, now } = desk;
  const parts = await listJudgedParts(tx, audit);
  const ids = [run.assignmentId, audit.judgedAssignment, ...parts.map(({ assignmentId }) => assignmentId)];
  const results = await readResults(
    tx,
    run,
    ids.filter((id) => id !== null),
  );
  const truthId = audit.assignmentId ?? 0n;
  const ours = found(results, run.assignmentId);
  const truth = found(results, truthId);
  const judged = audit.judgedAssignment === null ? undefined : found(results, audit.judgedAssignment);
  const isAuthorRight = compareResults(ours, truth) === 'equal';
  const isPartnerRight = judged !== undefined && compareResults(truth, judged) === 'equal';
  // Fuel counts: what branches on a NaN's bits takes another way in another form.
  const isOfAnotherForm = (part: Audit) =>
    compareResults(truth, found(results, part.assignmentId ?? 0n)) !== 'equal';
  const dependsOnNan = parts.length > 1 ? parts.some(isOfAnotherForm) : null;
  const outcome = isAuthorRight ? 'author-right' : 'author-wrong';
  for (const part of parts) {
    await updateDone(tx, part.id, { outcome, now });
    noteCost(desk, part);
  }
  const event = {
    kind: 'judged',
    reason: audit.reason,
    isAuthorRight,
    isPartnerRight,
    dependsOnNan,
  } as const;
  const verdict = {
    ...about,
    partner: audit.judgedTerminal,
    occasion: `judged:${audit.id}`,
    differing: unitsOf(run, differingUnits(ours, truth)),
    truth: { ...truth, isAuthors: isAuthorRight },
  };
  const partner = audit.judgedTerminal === null ? null : desk.trustOf(audit.judgedTerminal);
  if (needsEveryForm({ partner, job: { artefact: desk.artefactOf(audit.jobNumber) } }, event)) {
    // Nothing is settled by it yet; the run awaits the judgement that is ordered now.
    await act(desk, event, verdict);
    return;
  }
  if (isDrawnAtRandom(audit.reason)) {
    desk.changeCursor(audit.jobNumber, { checksDrawn: 1, checksFailed: isAuthorRight ? 0 : 1 });
  }
  if (audit.reason === 'critical' && dependsOnNan !== true) {
    await desk.noteCertain(audit.jobNumber, truth);
  }
  await updateCompared(tx, run, {
    voucher: isAuthorRight ? referenceVoucher : null,
    isSampled: isDrawnAtRandom(audit.reason),
  });
  if (dependsOnNan !== true) {
    await settleCopies(desk, run, { ...truth, isAuthors: isAuthorRight });
  }
  await act(desk, event, verdict);
  if (isAuthorRight && audit.reason !== 'decoy') {
    noteFailure(desk, run, ours);
  }
}

/** It did not come, or only in part. */
async function lapse(desk: Desk, about: Audited): Promise<void> {
  const { run, audit } = about;
  await updateDone(desk.tx, audit.id, { outcome: 'lapsed', now: desk.now });
  await updateCompared(desk.tx, run, { voucher: null, isSampled: false });
  await act(
    desk,
    { kind: 'audit-lapsed', reason: audit.reason },
    { ...about, run: { ...run, awaits: false }, occasion: `audit-lapsed:${audit.id}` },
  );
}

/** What was computed again is the contractor's cost. */
function noteCost(desk: Desk, { jobNumber, byTerminal, resultUnits }: Audit): void {
  desk.changeCursor(jobNumber, {
    unitsChecked: resultUnits,
    unitsByReference: byTerminal === null ? resultUnits : 0,
  });
}

/** A failure that the reference executor confirmed fails the job. */
function noteFailure(desk: Desk, { jobNumber, assignmentId }: TrustRun, result: Result): void {
  if ((result.failures ?? []).length > 0 && desk.job(jobNumber).isOpen) {
    desk.changeCursor(jobNumber, { failedResult: assignmentId });
  }
}

/**
 * Nothing is awaited any more: a run of a revoked terminal was computed again, or went out again because its copy did not
 * come (`isChecked` false); another may be final by what its terminal passed.
 */
async function afterAudit(
  desk: Desk,
  {
    audit,
    run,
    wasRevoked,
    isChecked,
  }: {
    readonly audit: Audit;
    readonly run: TrustRun;
    readonly wasRevoked: boolean;
    readonly isChecked: boolean;
  },
): Promise<void> {
  await desk.flush();
  const now = await findRun(desk.tx, audit);
  if (now?.assignmentId === run.assignmentId && now.awaits) {
    return;
  }
  if (wasRevoked) {
    await noteRecalled(desk, { run, author: audit.authorTerminal, isChecked });
  }
  desk.notePassed(Number(audit.authorTerminal));
}

/** Units of the job, by their places in a run. */
function unitsOf({ firstUnit }: TrustRun, places: readonly number[]): readonly number[] {
  return places.map((at) => firstUnit + at);
}

function found(results: ReadonlyMap<bigint, Result>, assignmentId: bigint): Result {
  const result = results.get(assignmentId);
  if (result === undefined) {
    throw new Error(`The result of assignment ${assignmentId} is missing.`);
  }
  return result;
}
