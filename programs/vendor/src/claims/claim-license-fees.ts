import { derivedId } from '@taika/crypto/derived-id';
import { inTransaction } from '@taika/database/transaction';
import type { RemoteError } from '@taika/http/call';
import { post } from '@taika/ledger/post';
import { licenseFeeEarned } from '@taika/ledger/vendor-events';
import { claimLicenseFee } from '@taika/protocol/dispatch/money';
import type { LicenseEvidenceText } from '@taika/protocol/license-evidence';
import type { ReplyOf } from '@taika/protocol/route';
import type { ClaimId, RegistrationId } from '@taika/protocol/schema';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { VendorContext } from '../context.ts';
import { isRefusal, reasonOfFailedStep } from '../dispatch-client.ts';
import { nextAttemptAt } from '../retry-later.ts';
import { allMonths, type Contract, createContractReader, type LicenseFeeRule } from './contract.ts';
import {
  type ClaimRow,
  type FeePeriod,
  insertFeeClaim,
  listApplications,
  listPendingClaims,
  listUnclaimedMonths,
  listUnclaimedRegistrations,
  markUnanswered,
  type OwnEvidence,
  readOwnEvidence,
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

/**
 * Both kinds of event are looked for before the contract is asked for, so that an idle vendor calls nobody. A month is claimed
 * when it is over: only then is it known how many hours were served.
 */
async function noteFees(
  context: VendorContext,
  readContract: (context: VendorContext) => Promise<Contract>,
): Promise<number> {
  const { sql, clock, identity } = context;
  const month = new Date(clock.now().getTime() - claimAfterMs).toISOString().slice(0, 'yyyy-mm'.length);
  const list = async (periodsOf: (kind: LicenseFeeRule['kind']) => readonly FeePeriod[]) => [
    ...(await listUnclaimedRegistrations(sql, { periods: periodsOf('per-registration'), limit: batch })),
    ...(await listUnclaimedMonths(sql, { periods: periodsOf('per-license-month'), month, limit: batch })),
  ];
  const all = await listApplications(sql);
  if ((await list(() => all.map(allMonths))).length === 0) {
    return 0;
  }
  const contract = await readContract(context);
  const events = await list((kind) => all.flatMap(contract).filter(({ rule }) => rule.kind === kind));
  for (const { registrationId, month, product, termsMonth } of events) {
    const { fee } = ruleIn(contract, { product, month: termsMonth });
    await insertFeeClaim(sql, {
      registrationId,
      month,
      id: derivedId(`license-fee:${identity.vendorId}:${registrationId}:${month ?? ''}`),
      currency: fee.currency,
      amountMilli: BigInt(fee.amountMilli),
      now: clock.now(),
    });
  }
  return events.length;
}

/** The rule that an event was found by. */
function ruleIn(
  contract: Contract,
  { product, month }: { readonly product: string; readonly month: string },
): LicenseFeeRule {
  const period = contract(product).findLast(({ fromMonth }) => fromMonth <= month);
  if (period === undefined) {
    throw new Error(`No rule of the contract counts for ${product} in ${month}.`);
  }
  return period.rule;
}

/** The contractor's clock may be behind ours, and it judges no month that is not over. */
const claimAfterMs = 3_600_000;

async function claimFee(context: VendorContext, claim: ClaimRow): Promise<void> {
  const { sql, clock, random } = context;
  const { id, currency, amountMilli } = claim;
  try {
    const own = await readOwnEvidence(sql, claim);
    const answer = await ask(context, claim, own?.hours);
    faultPoint('vendor.claim.answered');
    await settle(context, claim, { answer, own });
  } catch (error) {
    const reason = reasonOfFailedStep(context, error);
    if (isRefusal(error) && !isTooEarly(error)) {
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

type Answer = ReplyOf<typeof claimLicenseFee>;

async function ask(
  { dispatch }: VendorContext,
  { id, registrationId, month }: ClaimRow,
  hours: string | undefined,
): Promise<Answer> {
  const call = (evidence: { readonly hours?: string }) =>
    dispatch.call(claimLicenseFee, {
      params: { claimId: id as ClaimId },
      body: {
        registrationId: registrationId as RegistrationId,
        ...(month === null ? {} : { month }),
        ...evidence,
      },
    });
  if (hours === undefined) {
    return call({});
  }
  try {
    return await call({ hours });
  } catch (error) {
    // A contractor's server that is older than evidence does not know the field.
    if (isRefusal(error) && error.code === 'bad-request') {
      return call({});
    }
    throw error;
  }
}

/** By the contractor's clock the month is not over, so there is no answer yet. */
function isTooEarly({ code }: RemoteError): boolean {
  return code === 'wrong-state';
}

/** The contractor's amount counts: its contract may be newer than what we read. */
async function settle(
  { sql, clock }: VendorContext,
  { id, registrationId, month }: ClaimRow,
  { answer, own }: { readonly answer: Answer; readonly own: OwnEvidence | undefined },
): Promise<void> {
  const { state, amount, reason } = answer;
  const now = clock.now();
  const evidence = own === undefined ? undefined : ourEvidence(own, answer);
  const { currency } = amount;
  const net = BigInt(amount.amountMilli);
  await inTransaction(sql, async (tx) => {
    const isOurs = await settleClaim(tx, { id, state, currency, amountMilli: net, reason, evidence, now });
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

/** The evidence as we have it: our hours, and the points that only the contractor can count; none where it told none. */
function ourEvidence(own: OwnEvidence, { evidence }: Answer): LicenseEvidenceText | undefined {
  return evidence === undefined
    ? undefined
    : {
        registrationId: own.registrationId as RegistrationId,
        product: own.product,
        month: own.month,
        hours: own.hours,
        pointsMilli: evidence.pointsMilli,
      };
}
