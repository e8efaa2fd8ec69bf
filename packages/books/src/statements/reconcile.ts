import type { Sql } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { exactMoneyText } from '@taika/documents/text';
import { ApiError } from '@taika/http/api-error';
import type { DifferenceText } from '@taika/protocol/books';
import { type ComparedEvent, countMatched, insertDifferenceNotes, listUnmatched } from './queries.ts';
import { dayMs, startOfDay } from './statement-books.ts';

/** How the books of two companies stand to each other. */
export interface ReconciliationView {
  readonly matched: number;
  readonly differences: readonly DifferenceText[];
  /** A sentence for each event that is unmatched for more than three days and not let stand. */
  readonly alerts: readonly string[];
}

/** Unmatched for longer than this is an alert. */
const alertAfterDays = 3;

/** Compares our book with what others stated, event by event. Reads all events. */
export async function reconcile(
  sql: Sql,
  { counterparty, now }: { readonly counterparty: string | null; readonly now: Date },
): Promise<ReconciliationView> {
  const unmatched = await listUnmatched(sql, counterparty);
  const differences = unmatched.map((event) => differenceOf(event, now));
  return {
    matched: await countMatched(sql, counterparty),
    differences,
    alerts: differences
      .filter(({ isAlert }) => isAlert)
      .map(({ event, counterparty: with_, on, reason }) => `${event} (${on}, with ${with_}): ${reason}`),
  };
}

/** Which differences are let stand: one event, or all that are alerts with a company. */
export interface AcceptedDifferences {
  readonly counterparty: string | undefined;
  readonly event: string | undefined;
  readonly reason: string;
  readonly now: Date;
}

/**
 * Lets differences stand, and gives them. Throws `not-found` where the books tell the event alike, `bad-request` where it has to be
 * said of which company it is, or neither an event nor a company is named.
 */
export async function acceptDifferences(
  sql: Sql,
  { counterparty, event, reason, now }: AcceptedDifferences,
): Promise<readonly DifferenceText[]> {
  if (event === undefined && counterparty === undefined) {
    throw new ApiError(
      'bad-request',
      'Name an event, or a company of which all alerts are let stand (--counterparty ID).',
    );
  }
  return inTransaction(sql, async (tx) => {
    const unmatched = await listUnmatched(tx, counterparty ?? null);
    const wanted = unmatched.filter((each) =>
      event === undefined ? differenceOf(each, now).isAlert : each.event === event,
    );
    if (event !== undefined && wanted.length === 0) {
      throw new ApiError(
        'not-found',
        `The books tell "${event}" alike, or neither has it. Run: taika books reconcile`,
      );
    }
    if (event !== undefined && wanted.length > 1) {
      throw new ApiError('bad-request', `Several companies have "${event}": name one with --counterparty.`);
    }
    await insertDifferenceNotes(tx, wanted, { reason, now });
    return wanted.map((each) => differenceOf({ ...each, acceptedFor: reason }, now));
  });
}

/** What an unmatched event is, why, and whether it is old enough to be looked at. Pure. */
export function differenceOf(event: ComparedEvent, now: Date): DifferenceText {
  const { ours, theirs, currency, on, acceptedFor } = event;
  const { state, reason } = judge(event);
  const ageDays = (now.getTime() - startOfDay(on).getTime()) / dayMs - 1;
  return {
    counterparty: event.counterparty,
    event: event.event,
    on,
    currency,
    ...(ours === null ? {} : { ours: String(ours) }),
    ...(theirs === null ? {} : { theirs: String(theirs) }),
    state,
    reason,
    ...(acceptedFor === null ? {} : { acceptedFor }),
    isAlert: acceptedFor === null && ageDays > alertAfterDays,
  };
}

function judge(event: ComparedEvent): Pick<DifferenceText, 'state' | 'reason'> {
  const { ours, theirs, currency, on, theirLastDay } = event;
  if (ours !== null && theirs !== null) {
    const [we, they] = [exactMoneyText(ours, currency), exactMoneyText(theirs, currency)];
    return { state: 'amount-differs', reason: `Our book has ${we}, their statement ${they}.` };
  }
  if (ours === null) {
    return {
      state: 'missing-ours',
      reason: isPayment(event)
        ? `They stated this payment; our book has none like it. ${paymentsMatch}`
        : 'They stated it; our book has no such event, or refused it.',
    };
  }
  return theirLastDay === null || theirLastDay < on
    ? {
        state: 'waiting',
        reason:
          theirLastDay === null
            ? 'They have given no statement yet.'
            : `They have stated up to ${theirLastDay} only.`,
      }
    : {
        state: 'missing-theirs',
        reason: `Our book has it; their statements up to ${theirLastDay} do not.${isPayment(event) ? ` ${paymentsMatch}` : ''}`,
      };
}

function isPayment({ event }: ComparedEvent): boolean {
  return event.startsWith('payment:');
}

const paymentsMatch =
  'Payments match where both companies booked the same amount and reference: `taika books paid AMOUNT --reference TEXT`, or with the same `--id`. One that is booked on both sides under two references stays so: `taika books accept-difference EVENT --reason TEXT`.';
