import { inTransaction } from '@taika/database/transaction';
import { post } from '@taika/ledger/post';
import { licenseFeeEarned } from '@taika/ledger/vendor-events';
import { claimLicenseFee } from '@taika/protocol/dispatch/money';
import type { ReplyOf } from '@taika/protocol/route';
import type { ClaimId, RegistrationId } from '@taika/protocol/schema';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { VendorContext } from '../context.ts';
import { derivedId } from '../derived-id.ts';
import { isRefusal, reasonOfFailure } from '../dispatch-client.ts';
import { nextAttemptAt } from '../retry-later.ts';
import { createContractReader, type LicenseFeeRule } from './contract.ts';
import {
  type ClaimRow,
  insertFeeClaim,
  listPendingClaims,
  listUnclaimedMonths,
  listUnclaimedRegistrations,
  markUnanswered,
  settleClaim,
} from './queries.ts';

/**
 * The loop of step 211: notes what a fee is due for by the contract, and claims it. A claim's id derives from its event, so a
 * repeated claim is the same claim on either side; the contractor's answer and the posting are one transaction.
 */
export function createClaimsStep(context: VendorContext): () => Promise<StepOutcome> {
  const readContract = createContractReader();
  return async () => {
    const noted = await noteFees(context, readContract);
    const pending = await listPendingClaims(context.sql, context.clock.now(), batch);
    for (const claim of pending) {
      await claimFee(context, claim);
    }
    return noted === batch || pending.length === batch ? 'again' : 'idle';
  };
}

const batch = 100;

/** Both kinds of event are looked for before the contract is asked for, so that an idle vendor calls nobody. */
async function noteFees(
  context: VendorContext,
  readContract: (context: VendorContext) => Promise<LicenseFeeRule>,
): Promise<number> {
  const { sql, clock, identity } = context;
  const events = {
    'per-registration': await listUnclaimedRegistrations(sql, batch),
    'per-license-month': await listUnclaimedMonths(sql, batch),
  };
  if (events['per-registration'].length + events['per-license-month'].length === 0) {
    return 0;
  }
  const { kind, fee } = await readContract(context);
  for (const event of events[kind]) {
    const { registrationId, month } = event;
    await insertFeeClaim(sql, {
      ...event,
      id: derivedId(`license-fee:${identity.vendorId}:${registrationId}:${month ?? ''}`),
      currency: fee.currency,
      amountMilli: BigInt(fee.amountMilli),
      now: clock.now(),
    });
  }
  return events[kind].length;
}

async function claimFee(context: VendorContext, claim: ClaimRow): Promise<void> {
  const { sql, clock, random, dispatch } = context;
  const { id, registrationId, month, currency, amountMilli } = claim;
  try {
    const answer = await dispatch.call(claimLicenseFee, {
      params: { claimId: id as ClaimId },
      body: { registrationId: registrationId as RegistrationId, ...(month === null ? {} : { month }) },
    });
    faultPoint('vendor.claim.answered');
    await settle(context, claim, answer);
  } catch (error) {
    const reason = reasonOfFailure(error);
    if (isRefusal(error)) {
      const refused = { id, state: 'refused' as const, currency, amountMilli, reason, now: clock.now() };
      await inTransaction(sql, (tx) => settleClaim(tx, refused));
      return;
    }
    await markUnanswered(sql, {
      id,
      reason,
      nextAttemptAt: nextAttemptAt(claim.attempts, clock.now(), random),
    });
  }
}

/** The contractor's amount counts: its contract may be newer than what we read. */
async function settle(
  { sql, clock }: VendorContext,
  { id, registrationId, month }: ClaimRow,
  { state, amount, reason }: ReplyOf<typeof claimLicenseFee>,
): Promise<void> {
  const now = clock.now();
  const { currency } = amount;
  const net = BigInt(amount.amountMilli);
  await inTransaction(sql, async (tx) => {
    const isOurs = await settleClaim(tx, { id, state, currency, amountMilli: net, reason, now });
    if (!isOurs || state === 'refused' || net === 0n) {
      return;
    }
    const outcome = await post(tx, {
      idempotencyKey: `license-fee:${registrationId}:${month ?? 'registration'}`,
      event: 'license-fee-earned',
      command: { claim: id, registration: registrationId, month, currency, net },
      at: now,
      postings: licenseFeeEarned({ net, tax: 0n, currency }),
    });
    if (outcome.kind !== 'posted') {
      throw new Error(`The claim ${id} could not be booked: ${outcome.kind}.`);
    }
  });
}
