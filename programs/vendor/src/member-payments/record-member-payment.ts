import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { exactMoneyText } from '@taika/documents/text';
import { ApiError } from '@taika/http/api-error';
import { accountCode } from '@taika/ledger/account';
import { balanceOf } from '@taika/ledger/balance';
import { post } from '@taika/ledger/post';
import { memberPaid, memberPaidBack } from '@taika/ledger/vendor-events';
import type { VendorContext } from '../context.ts';
import { lockMember } from './queries.ts';

/** Money that a member paid for orders, or that was paid back for refunded ones, as the bank or the till has it. */
export interface MemberPayment {
  readonly paymentId: string;
  readonly memberId: string;
  readonly direction: 'received' | 'paid-back';
  readonly currency: string;
  readonly amountMilli: bigint;
  readonly reference: string;
}

/** What came of it: what the member owes afterwards, below zero where the member is owed; and whether it was booked before. */
export interface MemberPaymentBooked {
  readonly owedMilli: bigint;
  readonly bookedBefore: boolean;
}

/**
 * Books a payment once. Throws `not-found` for a member that is not there, `wrong-state` for more than is owed in that direction,
 * and then stores nothing.
 */
export async function recordMemberPayment(
  { sql, clock }: VendorContext,
  payment: MemberPayment,
): Promise<MemberPaymentBooked> {
  const { paymentId, memberId, direction, currency, amountMilli, reference } = payment;
  if (amountMilli <= 0n || amountMilli >= 2n ** 63n) {
    throw new ApiError('bad-request', 'A payment is an amount above zero and below 2^63 thousandths.');
  }
  return inTransaction(sql, async (tx) => {
    // Two payments at once would both find the whole sum owed.
    if (!(await lockMember(tx, memberId))) {
      throw new ApiError('not-found', 'There is no member with this id. List them: taika vendor members');
    }
    const owed = await readOwed(tx, { memberId, currency });
    const postings = (direction === 'received' ? memberPaid : memberPaidBack)({
      member: memberId,
      amount: amountMilli,
      currency,
    });
    const outcome = await post(tx, {
      idempotencyKey: `member-payment:${paymentId}`,
      event: direction === 'received' ? 'member-paid' : 'member-paid-back',
      command: { member: memberId, direction, currency, amount: amountMilli, reference },
      at: clock.now(),
      postings,
    });
    if (outcome.kind === 'idempotency-conflict') {
      throw new ApiError('idempotency-conflict', 'This id was used for another payment.');
    }
    if (outcome.kind === 'refused') {
      throw new Error(`The payment ${paymentId} could not be booked.`);
    }
    if (outcome.replayed) {
      return { owedMilli: owed, bookedBefore: true };
    }
    checkOwed(owed, payment);
    return {
      owedMilli: direction === 'received' ? owed - amountMilli : owed + amountMilli,
      bookedBefore: false,
    };
  });
}

async function readOwed(
  tx: Transaction,
  { memberId, currency }: Pick<MemberPayment, 'memberId' | 'currency'>,
): Promise<bigint> {
  const account = accountCode.receivableFromMember(memberId);
  return (await balanceOf(tx, { account, commodity: currency })).posted;
}

function checkOwed(owed: bigint, { memberId, direction, currency, amountMilli }: MemberPayment): void {
  const most = direction === 'received' ? owed : -owed;
  if (amountMilli <= most) {
    return;
  }
  const whom = direction === 'received' ? 'The member owes' : 'The member is owed';
  const what = most <= 0n ? `nothing in ${currency}` : `only ${exactMoneyText(most, currency)}`;
  throw new ApiError(
    'wrong-state',
    `${whom} ${what}. See: taika books statement receivable:member:${memberId}`,
    { extra: { owedMilli: String(owed) } },
  );
}
