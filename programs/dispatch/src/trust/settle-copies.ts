import { type ComparedResult, compareResults } from './compare-results.ts';
import type { Desk } from './desk.ts';
import { holdCopies, listClaimedCopies, settleCopy } from './final-queries.ts';
import { readResults } from './run-queries.ts';
import type { Audit, TrustRun } from './trust-run.ts';

/**
 * The reference executor's answer about a run is known: each copy of it is paid or forfeited by what it said itself,
 * whatever it was compared with before. A copy that differs in nothing but bytes, of a form that leaves NaN bits to the
 * hardware, is held: only a judgement could tell (TRUST.md, rule 7).
 */
export async function settleCopies(
  desk: Desk,
  run: TrustRun,
  truth: ComparedResult & { readonly isAuthors: boolean },
): Promise<void> {
  const { tx, now } = desk;
  const copies = await listClaimedCopies(tx, run.assignmentId);
  const results = await readResults(
    tx,
    run,
    copies.map(({ assignmentId }) => assignmentId),
  );
  const mayDependOnNan = desk.artefactOf(run.jobNumber) === 'fast';
  for (const { id, assignmentId, outcome } of copies) {
    const copy = results.get(assignmentId);
    if (copy === undefined || copy.units > truth.units) {
      continue;
    }
    // Who agreed with all of the author's result is as right as it is.
    const comparison = outcome === 'equal' && truth.isAuthors ? 'equal' : compareResults(truth, copy);
    if (comparison === 'equal') {
      await settleCopy(tx, id, { to: 'paid', now });
    } else if (comparison === 'other-fuel' || outcome === 'equal' || !mayDependOnNan) {
      await settleCopy(tx, id, { to: 'forfeited', now });
    } else {
      await holdCopies(tx, { kind: 'one', auditId: id });
    }
  }
}

/**
 * A copy that is compared with nothing that is known to be right: it stays in escrow as long as a result of its terminal's
 * own would, and is forfeited with that one's right.
 */
export async function holdUntilProven(desk: Desk, audit: Audit): Promise<void> {
  const { terminalNumber, points } = audit;
  if (terminalNumber === null || points !== 'pending') {
    return;
  }
  await desk.load([terminalNumber]);
  if (desk.terminal(terminalNumber).standing === 'revoked') {
    await settleCopy(desk.tx, audit.id, { to: 'forfeited', now: desk.now });
  } else {
    await desk.flush();
    await holdCopies(desk.tx, { kind: 'one', auditId: audit.id });
  }
}
