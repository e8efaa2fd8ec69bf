import { faultPoint } from '@taika/runtime/fault-points';
import type { Effect } from '@taika/trust/effect';
import type { AuditReason, TrustEvent } from '@taika/trust/event';
import { moveJob } from '../jobs/move-job.ts';
import type { ComparedResult } from './compare-results.ts';
import { insertCorrection } from './correction-queries.ts';
import type { Desk } from './desk.ts';
import { holdCopies, recallPaid, settleEscrow } from './final-queries.ts';
import { performForTerminal } from './perform-for-terminal.ts';
import type { ResultOwner } from './run-queries.ts';
import { clearVoucher, deleteRuns, listVouchers, updateSettled } from './run-queries.ts';
import { settleCopies } from './settle-copies.ts';
import { type Audit, isDrawnAtRandom, type TrustRun } from './trust-run.ts';

/** What a decision is about, and what the server knows beside what decide() looks at. */
export interface Case {
  readonly run: TrustRun;
  readonly author: bigint;
  readonly partner?: bigint | null;
  /** Names the decision among those about this result. */
  readonly occasion: string;
  /** The copy that was compared, or the judgement. */
  readonly audit?: Audit;
  /** Units about which the author's result and the other one, or the reference's, say different things. */
  readonly differing?: readonly number[];
  /** What the reference executor computed, where it did, and whether the author's result is the same. */
  readonly truth?: ResultOwner &
    ComparedResult & {
      readonly isAuthors: boolean;
    };
}

/** Asks decide() about an event and does what it says, in the step's transaction. */
export async function act(desk: Desk, event: TrustEvent, about: Case): Promise<void> {
  const { run, author, partner = null, occasion, differing } = about;
  const effects = desk.consult(event, run, { author, partner, occasion, differing });
  for (const effect of effects) {
    if ('terminal' in effect) {
      desk.applyToTerminal(effect);
      await performForTerminal(desk, about, effect);
    } else {
      await performForRun(desk, about, effect);
    }
  }
}

async function performForRun(
  desk: Desk,
  about: Case,
  effect: Exclude<Effect, { terminal: number }>,
): Promise<void> {
  const { run } = about;
  switch (effect.kind) {
    case 'judge':
      orderJudgement(desk, about, effect);
      return;
    case 'settle':
      await settle(desk, about);
      return;
    case 'reissue':
      if (desk.job(run.jobNumber).isOpen || desk.job(run.jobNumber).isLost) {
        await dropRuns(desk, [run], { awaitsComparison: false });
      }
      return;
    case 'expose-vouchers':
      await exposeVouchers(desk, about);
      return;
    case 'use-strict':
      // To go on with the other form would mean to drop every result so far: the customer decides that.
      await moveJob(desk.tx, { jobNumber: run.jobNumber, event: 'depends-on-nan', now: desk.now });
      desk.closeJob(run.jobNumber);
      return;
    case 'issue':
    case 'withhold':
    case 'retry-transfer':
    case 'fail-unit':
    case 'ignore':
      return;
  }
}

function orderJudgement(
  desk: Desk,
  { run, author, partner = null, audit }: Case,
  { reason, strict }: { readonly reason: AuditReason; readonly strict: boolean },
): void {
  const forms = strict ? desk.job(run.jobNumber).judgingForms : [];
  for (const artefact of [undefined, ...forms]) {
    desk.order({
      jobNumber: run.jobNumber,
      firstUnit: run.firstUnit,
      units: run.units,
      authorAssignment: run.assignmentId,
      authorTerminal: author,
      kind: 'judge',
      reason,
      byTerminal: undefined,
      artefact,
      judgedAssignment: partner === null ? undefined : (audit?.assignmentId ?? undefined),
      judgedTerminal: partner ?? undefined,
      wait: undefined,
    });
  }
}

async function settle(desk: Desk, { run, author, truth, audit, differing = [] }: Case): Promise<void> {
  if (truth === undefined) {
    throw new Error(`The run of assignment ${run.assignmentId} was settled without the reference's answer.`);
  }
  await desk.flush();
  if (!truth.isAuthors) {
    desk.change(author, { recallsWrong: desk.terminal(author).recallsWrong + 1 });
    await settleEscrow(
      desk.tx,
      { kind: 'forfeit-run', jobNumber: run.jobNumber, firstUnit: run.firstUnit },
      desk.now,
    );
    await recallPaid(desk.tx, run, desk.now);
    desk.changeCursor(run.jobNumber, { fuel: truth.fuel - run.fuel });
    if (audit?.kind === 'copy' && isDrawnAtRandom(audit.reason)) {
      desk.changeCursor(run.jobNumber, { checksDrawn: 1, checksFailed: 1 });
    }
    if (!desk.job(run.jobNumber).isOpen) {
      await insertCorrection(desk.tx, {
        run,
        units: differing.length,
        fuelAfter: truth.fuel,
        now: desk.now,
      });
      faultPoint('trust-correction-noted');
    }
  }
  if (run.state !== 'final') {
    desk.changeCursor(run.jobNumber, { unitsFinal: run.units });
  }
  await settleCopies(desk, run, truth);
  if (truth.failures !== null && desk.job(run.jobNumber).isOpen) {
    desk.changeCursor(run.jobNumber, { failedResult: truth.assignmentId });
  }
  await updateSettled(desk.tx, run, { truth: truth.isAuthors ? undefined : truth, now: desk.now });
}

/** Takes results out: their units go out again, and what they claimed is lost. */
export async function dropRuns(
  desk: Desk,
  runs: readonly TrustRun[],
  { awaitsComparison }: { readonly awaitsComparison: boolean },
): Promise<void> {
  await desk.flush();
  for (const { jobNumber, firstUnit, points } of runs) {
    if (points === 'pending') {
      await settleEscrow(desk.tx, { kind: 'forfeit-run', jobNumber, firstUnit }, desk.now);
    }
  }
  await holdCopies(desk.tx, {
    kind: 'of-results',
    assignmentIds: runs.map(({ assignmentId }) => assignmentId),
  });
  await deleteRuns(desk.tx, runs, { now: desk.now, awaitsComparison });
  for (const { jobNumber, units, fuel } of runs) {
    desk.changeCursor(jobNumber, { unitsDone: -units, unitsDropped: units, fuel: -fuel });
  }
  for (const jobNumber of new Set(runs.map((run) => run.jobNumber))) {
    await moveJob(desk.tx, { jobNumber, event: 'run-dropped', now: desk.now });
  }
}

/** Everybody who agreed with the lie, and not only who did so last. */
async function exposeVouchers(desk: Desk, { run, author }: Case): Promise<void> {
  const vouchers = await listVouchers(desk.tx, run.assignmentId);
  if (vouchers.length === 0) {
    return;
  }
  await clearVoucher(desk.tx, run);
  desk.change(author, { isRecallIsolated: false });
  await desk.load(vouchers);
  for (const voucher of vouchers) {
    await act(desk, { kind: 'lie-proven' }, { run, author: voucher, occasion: `lie-proven:${voucher}` });
  }
}
