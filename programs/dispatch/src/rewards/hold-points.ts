import type { Sql, Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { accountCode } from '@taika/ledger/account';
import { balanceOf, balancesUnder } from '@taika/ledger/balance';
import { placeHold } from '@taika/ledger/place-hold';
import { formatPoints, isExpiredMonth, POINTS } from '@taika/ledger/points';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { findMemberNumber } from '../registrations/queries.ts';
import { changeOf } from './earnings.ts';
import { findHold, type HoldRow, insertHold, isOrderCaptured, lockHold, renewHold } from './hold-queries.ts';
import { journalPointsStep } from './journal-points.ts';
import { readTail } from './queries.ts';
import { bucketPrefix } from './read-balance.ts';
import { expireHoldsStep } from './release-points.ts';

/** What a vendor wants set aside for an order. */
export interface WantedHold {
  readonly holdId: string;
  readonly pseudonym: string;
  readonly orderId: string;
  readonly pointsMilli: bigint;
}

/** Long enough for a member to read and confirm, short enough not to miss the points for long after a forgotten checkout. */
const holdMs = 15 * 60_000;

/**
 * Holds a member's points for an order. Nobody can spend them meanwhile; nothing is spent yet. The same hold again is what it
 * is by now; one whose time is over is placed anew, because its order may have been confirmed while a server was away.
 * Throws `points-short`.
 */
export async function holdPoints(
  context: DispatchContext,
  caller: VendorCaller,
  wanted: WantedHold,
): Promise<HoldRow> {
  const { sql } = context;
  const known = await findHold(sql, wanted.holdId);
  if (known !== undefined) {
    return renewIfOver(context, sameOrConflict(known, caller, wanted));
  }
  const memberNumber = await findMemberNumber(sql, caller.vendorNumber, wanted.pseudonym);
  if (memberNumber === undefined) {
    throw new ApiError('not-found', 'You have no member with this pseudonym.');
  }
  if (wanted.pointsMilli <= 0n) {
    throw new ApiError('bad-request', 'A hold is for more than no points.');
  }
  if (await isOrderCaptured(sql, { vendorNumber: caller.vendorNumber, orderId: wanted.orderId })) {
    throw new ApiError('wrong-state', 'Points were taken for this order already.');
  }
  await journalWhatIsMissing(context, memberNumber, wanted.pointsMilli);
  return inTransaction(sql, (tx) => place(tx, context, { caller, wanted, memberNumber }));
}

async function renewIfOver(context: DispatchContext, known: HoldRow): Promise<HoldRow> {
  const { sql, clock } = context;
  const isOver = ({ state, expiresAt }: HoldRow) => state === 'held' && expiresAt <= clock.now();
  if (isOver(known)) {
    while ((await expireHoldsStep(context)) === 'again') {
      // Until this one, and whatever else is over, came free.
    }
  } else if (known.state !== 'expired') {
    return known;
  }
  const { vendorNumber, orderId } = known;
  if (await isOrderCaptured(sql, { vendorNumber, orderId })) {
    return (await findHold(sql, known.id)) ?? known;
  }
  await journalWhatIsMissing(context, known.memberNumber, known.pointsMilli);
  return inTransaction(sql, async (tx) => {
    const hold = (await lockHold(tx, known.id)) ?? known;
    if (isOver(hold)) {
      throw new ApiError('unavailable', 'This hold is over and being resolved. Ask again.');
    }
    return hold.state === 'expired' ? renew(tx, hold, clock.now()) : hold;
  });
}

/** Places an expired hold anew. Its row and id stay; in the books it is another hold. */
async function renew(tx: Transaction, hold: HoldRow, at: Date): Promise<HoldRow> {
  const { id, vendorNumber, memberNumber, pseudonym, orderId, pointsMilli } = hold;
  const expiresAt = new Date(at.getTime() + holdMs);
  const outcome = await placeHold(tx, {
    idempotencyKey: `hold:${id}:after:${hold.ledgerHoldId}`,
    event: 'points-held',
    command: { vendor: String(vendorNumber), pseudonym, order: orderId },
    at,
    from: (await spendableBuckets(tx, memberNumber, at)).map(({ account }) => account),
    commodity: POINTS,
    amount: pointsMilli,
    expiresAt,
  });
  if (outcome.kind === 'refused') {
    throw short(pointsMilli, pointsMilli - (outcome.shortBy ?? 0n));
  }
  if (outcome.kind !== 'held') {
    throw new Error(`The hold ${id} could not be placed anew: ${outcome.kind}.`);
  }
  await refuseDebtor(tx, memberNumber, pointsMilli);
  await renewHold(tx, { id, ledgerHoldId: outcome.holdId, expiresAt });
  return { ...hold, state: 'held', ledgerHoldId: outcome.holdId, expiresAt };
}

async function place(
  tx: Transaction,
  { clock }: DispatchContext,
  { caller, wanted, memberNumber }: { caller: VendorCaller; wanted: WantedHold; memberNumber: bigint },
): Promise<HoldRow> {
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + holdMs);
  const { holdId, pseudonym, orderId, pointsMilli } = wanted;
  const outcome = await placeHold(tx, {
    idempotencyKey: `hold:${holdId}`,
    event: 'points-held',
    command: { vendor: String(caller.vendorNumber), pseudonym, order: orderId },
    at: now,
    from: (await spendableBuckets(tx, memberNumber, now)).map(({ account }) => account),
    commodity: POINTS,
    amount: pointsMilli,
    expiresAt,
  });
  switch (outcome.kind) {
    case 'idempotency-conflict':
      throw new ApiError('idempotency-conflict', 'This hold id was used for another hold.');
    case 'refused':
      // Thrown, so nothing is stored: the member may compute more, and the same hold may be asked for again.
      throw short(pointsMilli, pointsMilli - (outcome.shortBy ?? 0n));
    case 'held': {
      await refuseDebtor(tx, memberNumber, pointsMilli);
      if (!outcome.replayed) {
        const row = {
          id: holdId,
          vendorNumber: caller.vendorNumber,
          memberNumber,
          pseudonym,
          orderId,
          pointsMilli,
        };
        await insertHold(tx, { ...row, ledgerHoldId: outcome.holdId, placedAt: now, expiresAt });
      }
      const stored = await findHold(tx, holdId);
      if (stored === undefined) {
        throw new Error('A hold was placed and is not there.');
      }
      return sameOrConflict(stored, caller, wanted);
    }
  }
}

/**
 * What a member owes claims all that it has free, so who owes cannot hold any. Asked behind the locks of the buckets, which
 * whoever takes points back has too.
 */
async function refuseDebtor(tx: Transaction, memberNumber: bigint, wanted: bigint): Promise<void> {
  const account = accountCode.pointsDebt(String(memberNumber));
  if ((await balanceOf(tx, { account, commodity: POINTS })).posted > 0n) {
    throw short(wanted, 0n);
  }
}

/**
 * Points earned in the last seconds are not in the ledger yet; they are brought in when they are needed. Those taken back in
 * the last seconds are brought in always: nobody may spend them.
 */
async function journalWhatIsMissing(
  context: DispatchContext,
  memberNumber: bigint,
  wanted: bigint,
): Promise<void> {
  const { sql, clock } = context;
  const available = async () =>
    (await spendableBuckets(sql, memberNumber, clock.now())).reduce(
      (sum, bucket) => sum + bucket.available,
      0n,
    );
  if ((await recalledAhead(sql, memberNumber)) === 0n && (await available()) >= wanted) {
    return;
  }
  while ((await journalPointsStep(context)) === 'again') {
    // Until all is in.
  }
  // What somebody's lock kept out of the journal is left for the next time, but never counted.
  const found = (await available()) - (await recalledAhead(sql, memberNumber));
  if (found < wanted) {
    throw short(wanted, found > 0n ? found : 0n);
  }
}

async function recalledAhead(sql: Sql, memberNumber: bigint): Promise<bigint> {
  const { recalled, evidenceRecalled } = changeOf(await readTail(sql, memberNumber));
  return recalled + evidenceRecalled;
}

/** A member's buckets that are not over, the one that expires first in front. */
async function spendableBuckets(sql: Parameters<typeof balancesUnder>[0], memberNumber: bigint, now: Date) {
  const buckets = await balancesUnder(sql, bucketPrefix(String(memberNumber)));
  return buckets.filter(({ account }) => !isExpiredMonth(account.slice(-'yyyy-mm'.length), now));
}

function sameOrConflict(known: HoldRow, caller: VendorCaller, wanted: WantedHold): HoldRow {
  const isSame =
    known.vendorNumber === caller.vendorNumber &&
    known.pseudonym === wanted.pseudonym &&
    known.orderId === wanted.orderId &&
    known.pointsMilli === wanted.pointsMilli;
  if (!isSame) {
    throw new ApiError('idempotency-conflict', 'This hold id was used for another hold.');
  }
  return known;
}

function short(wanted: bigint, available: bigint): ApiError {
  return new ApiError(
    'points-short',
    `${formatPoints(wanted)} points are wanted, ${formatPoints(available)} are there.`,
    { extra: { availableMilli: String(available) } },
  );
}
