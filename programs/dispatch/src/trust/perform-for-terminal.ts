import { faultPoint } from '@taika/runtime/fault-points';
import type { Effect } from '@taika/trust/effect';
import { expireTerminalAssignments } from '../assignments/queries.ts';
import { lapseOfTerminal } from './audit-queries.ts';
import type { Desk } from './desk.ts';
import { deleteFlush, finalizeRuns, settleEscrow } from './final-queries.ts';
import { partnerWait } from './partner-wait.ts';
import { act, type Case, dropRuns } from './perform.ts';
import { pickForFlush } from './pick-for-flush.ts';
import { listRunsOf, updateSettled } from './run-queries.ts';
import { readmitTerminal, revokeForLie } from './terminal-queries.ts';
import { referenceVoucher } from './trust-run.ts';

/** Does what an effect on a terminal says, beside its row, which is changed already. */
export async function performForTerminal(
  desk: Desk,
  about: Case,
  effect: Extract<Effect, { terminal: number }>,
): Promise<void> {
  const { tx, now } = desk;
  const { run } = about;
  const terminalNumber = BigInt(effect.terminal);
  switch (effect.kind) {
    case 'quarantine':
      desk.quarantine({ ...run, finalAfter: effect.finalAfter });
      return;
    case 'audit':
      desk.order({
        jobNumber: run.jobNumber,
        firstUnit: run.firstUnit,
        units: run.units,
        authorAssignment: run.assignmentId,
        authorTerminal: terminalNumber,
        kind: 'copy',
        reason: effect.reason,
        byTerminal: effect.by.kind === 'terminal' ? BigInt(effect.by.terminal) : undefined,
        artefact: undefined,
        judgedAssignment: undefined,
        judgedTerminal: undefined,
        wait:
          effect.by.kind === 'reference'
            ? undefined
            : partnerWait({ reason: effect.reason, runMs: desk.runMs(run) }),
      });
      return;
    case 'pass':
    case 'finalize':
      desk.notePassed(effect.terminal);
      return;
    case 'trust':
      await desk.flush();
      await settleEscrow(tx, { kind: 'vest', terminalNumber }, now);
      return;
    case 'start-probation':
      if (effect.cause === 'reentry') {
        desk.change(terminalNumber, {
          recallsOut: 0,
          recallsDone: 0,
          recallsWrong: 0,
          isRecallIsolated: true,
        });
        await readmitTerminal(tx, terminalNumber);
        faultPoint('trust-readmitted');
      } else {
        // What it says of them would not be believed.
        await lapseOfTerminal(tx, terminalNumber);
      }
      return;
    case 'finalize-job':
      await desk.flush();
      for (const { jobNumber, units } of await finalizeRuns(
        tx,
        { kind: 'flushed', jobNumber: run.jobNumber, terminalNumber },
        now,
      )) {
        desk.changeCursor(jobNumber, { unitsFinal: units });
      }
      await deleteFlush(tx, { jobNumber: run.jobNumber, terminalNumber });
      return;
    case 'flush':
      await desk.flush();
      for (const picked of await pickForFlush(desk, about, effect.count)) {
        await act(
          desk,
          { kind: 'picked', reason: 'flush' },
          { run: picked, author: terminalNumber, occasion: `picked:flush:${now.getTime()}` },
        );
      }
      return;
    case 'revoke':
      await desk.flush();
      await revokeForLie(tx, { terminalNumber, cause: `trust: ${effect.cause}`, now });
      await expireTerminalAssignments(tx, terminalNumber);
      await lapseOfTerminal(tx, terminalNumber);
      desk.revoked.add(terminalNumber);
      faultPoint('trust-revoked');
      await desk.readPoolAnew();
      return;
    case 'forfeit':
      await desk.flush();
      await settleEscrow(tx, { kind: 'forfeit', terminalNumber }, now);
      return;
    case 'drop-open':
      await dropOpen(desk, terminalNumber);
      return;
    case 'recall':
      await recallFinal(desk, terminalNumber);
      return;
  }
}

/**
 * A liar's open runs: what awaits a copy is dealt with when that is in, what the reference vouched for is true, what a
 * terminal vouched for shows whether that one lied too, and the rest goes out again.
 */
async function dropOpen(desk: Desk, terminalNumber: bigint): Promise<void> {
  await desk.flush();
  const open = await listRunsOf(desk.tx, terminalNumber, 'open');
  await desk.load(
    [],
    open.map(({ jobNumber }) => jobNumber),
  );
  const settled = open.filter(({ awaits }) => !awaits);
  const vouched = settled.filter(({ voucher }) => voucher !== null && voucher > 0n);
  const dropped = settled.filter(({ voucher }) => voucher === null);
  for (const run of settled.filter(({ voucher }) => voucher === referenceVoucher)) {
    await updateSettled(desk.tx, run, { truth: undefined, now: desk.now });
    desk.changeCursor(run.jobNumber, { unitsFinal: run.units });
  }
  // Nobody computes a lost job's units again: nothing of it is waited for.
  const compared = dropped.filter(({ jobNumber }) => !desk.job(jobNumber).isLost);
  const uncompared = dropped.filter(({ jobNumber }) => desk.job(jobNumber).isLost);
  const out = open.length - settled.length + vouched.length + compared.length;
  desk.change(terminalNumber, { recallsOut: desk.terminal(terminalNumber).recallsOut + out });
  for (const [runs, awaitsComparison] of [
    [compared, true],
    [uncompared, false],
  ] as const) {
    if (runs.length > 0) {
      await dropRuns(desk, runs, { awaitsComparison });
    }
  }
  for (const run of vouched) {
    await act(
      desk,
      { kind: 'picked', reason: 'vouched' },
      { run, author: terminalNumber, occasion: 'picked:vouched' },
    );
  }
}

/** A liar's final runs that the reference did not vouch for are computed again. */
async function recallFinal(desk: Desk, terminalNumber: bigint): Promise<void> {
  await desk.flush();
  const picked = (await listRunsOf(desk.tx, terminalNumber, 'final')).filter(
    ({ awaits, voucher }) => !awaits && voucher !== referenceVoucher,
  );
  await desk.load(
    [],
    picked.map(({ jobNumber }) => jobNumber),
  );
  desk.change(terminalNumber, { recallsOut: desk.terminal(terminalNumber).recallsOut + picked.length });
  for (const run of picked) {
    await act(
      desk,
      { kind: 'picked', reason: 'recall' },
      { run, author: terminalNumber, occasion: 'picked:recall' },
    );
  }
  faultPoint('trust-recalled');
}
