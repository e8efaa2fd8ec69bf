import { inTransaction } from '@taika/database/transaction';
import { sealChain } from '@taika/ledger/chain';
import { type LoopOptions, startLoop } from '@taika/runtime/loop';
import { issueInvoiceStep } from './billing/issue-invoices.ts';
import { releaseJobHoldStep } from './billing/release-job-holds.ts';
import { prepareDueClaimDocumentsStep } from './claim-documents/prepare-claim-document.ts';
import type { DispatchContext } from './context.ts';
import { creditCorrectionStep } from './credits/credit-corrections.ts';
import { expirePointsStep } from './rewards/expire-points.ts';
import { journalPointsStep } from './rewards/journal-points.ts';
import { expireHoldsStep } from './rewards/release-points.ts';
import { settleStandingDebtsStep } from './rewards/settle-debts.ts';
import { flushPresenceStep } from './terminals/presence.ts';
import { deleteSpentProofs } from './terminals/queries.ts';
import { standingRefreshMs } from './terminals/standing-cache.ts';
import { deliverWebhooksStep } from './webhooks/deliver-webhooks.ts';

/** Starts what runs in the background. Disposal waits for running steps, and writes what was last seen of terminals. */
export function startLoops(context: DispatchContext): AsyncDisposable {
  const { sql, clock, log, random, standing } = context;
  const loops = new AsyncDisposableStack();
  const loop = (name: string, everyMs: number, step: LoopOptions['step']) =>
    loops.use(startLoop({ name, everyMs, step, clock, log, random }));

  loops.defer(() => flushPresenceStep(context));
  loop('presence', 2_000, () => flushPresenceStep(context));
  loop('standing', standingRefreshMs, () => standing.refresh());
  loop('spent proofs', 30_000, () => deleteSpentProofs(sql, clock.now()));
  loop('points journal', 5_000, () => journalPointsStep(context));
  loop('invoices', 500, () => issueInvoiceStep(context));
  loop('corrected invoices', 1_000, () => creditCorrectionStep(context));
  loop('job holds', 500, () => releaseJobHoldStep(context));
  loop('expired points', 10 * 60_000, () => expirePointsStep(context));
  loop('standing debts', 60 * 60_000, () => settleStandingDebtsStep(context));
  loop('claim documents', 600_000, () => prepareDueClaimDocumentsStep(context));
  loop('webhooks', 2_000, () => deliverWebhooksStep(context));
  loop('expired holds', 5_000, () => expireHoldsStep(context));
  loop('ledger chain', 10_000, async () => {
    const { sealed } = await inTransaction(sql, (tx) => sealChain(tx));
    return sealed > 0 ? 'again' : 'idle';
  });
  return loops;
}
