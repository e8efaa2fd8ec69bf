import { numericToBigint } from '@taika/database/connect';
import type { Sendable } from '@taika/http/check-reply';
import { formatMoney } from '@taika/ledger/money';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import { type ReasonCode, reason } from '@taika/protocol/reasons';
import type { JobId } from '@taika/protocol/schema';
import type { WantedTrust } from '@taika/protocol/trust-prices';
import { jobTotals } from '../billing/job-limit.ts';
import { priceOf, rateFor } from '../billing/price.ts';
import type { RateCardRow } from '../rates/queries.ts';
import { neededMaxPrice } from '../spending/spending.ts';
import { describeLimit } from '../trust/reference-limit.ts';
import { assuranceOf, type Checked } from './assurance.ts';
import { correctionSentence } from './correction-sentence.ts';
import { deadlineOutlook, deadlineSentence } from './deadline.ts';
import type { JobPhaseRow, JobViewRow } from './view-queries.ts';

/** A job as its customer sees it. */
export function toJobView(
  row: JobViewRow,
  {
    rate,
    now,
    invoiceId,
  }: { readonly rate: RateCardRow; readonly now: Date; readonly invoiceId?: string | undefined },
): Sendable<JobViewText> {
  const fuel = numericToBigint(row.fuel);
  const assurance = assuranceOf(checkedOf(row, rate));
  return {
    jobId: row.id as JobId,
    name: row.name,
    state: row.state === 'running' && row.isPaused ? 'paused' : row.state,
    reason: reasonView(row, rate),
    ...(row.phase === null ? {} : { phase: phaseView(row.phase) }),
    units: {
      ...(row.unitCount === null ? {} : { total: row.unitCount }),
      done: row.unitsDone,
      out: row.state === 'running' || row.state === 'provisional' ? row.unitsOut : 0,
    },
    ...(row.trust === null
      ? {}
      : { trust: { level: row.trust, final: row.unitsFinal, sentence: assurance.en } }),
    assurance,
    ...(row.corrections === null
      ? {}
      : { corrections: row.corrections.map((each) => correctionView(row, each, rate.currency)) }),
    fuel,
    ...(row.deliveredUnits === 0 ? {} : { delivered: row.deliveredUnits }),
    price: { currency: rate.currency, amountMilli: priceNow(row, rate) },
    ...(row.maxPriceMilli === null
      ? {}
      : { maxPrice: { currency: rate.currency, amountMilli: row.maxPriceMilli } }),
    ...deadlineView(row, now),
    terminals: row.terminals,
    createdAt: row.createdAt,
    ...(row.startedAt === null ? {} : { startedAt: row.startedAt }),
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt }),
    ...(row.resultSha256 === null
      ? {}
      : { result: { sha256: row.resultSha256, bytes: Number(row.resultBytes ?? 0n) } }),
    ...(row.failure === null ? {} : { failure: row.failure }),
    ...(row.dataDeletedAt === null ? {} : { dataDeletedAt: row.dataDeletedAt }),
    ...(invoiceId === undefined ? {} : { invoiceId: invoiceId as never }),
  };
}

/**
 * The price so far before tax, as it would be invoiced now: results that were on their way when a job reached what it may cost
 * are the contractor's loss, and are not shown as if they were owed. Of a job that came to no result only what was
 * delivered is owed.
 */
export function priceNow(
  row: Pick<
    JobViewRow,
    'state' | 'fuel' | 'deliveredFuel' | 'invoicedFuel' | 'maxPriceMilli' | 'wantedTrust' | 'wantedCopies'
  >,
  rate: Pick<RateCardRow, 'priceMilli' | 'perFuel' | 'levelFactors' | 'taxBasisPoints'>,
): bigint {
  const amountMilli = priceOf(chargedFuel(row), rateFor(rate, wantedTrust(row)));
  const { maxPriceMilli } = row;
  return maxPriceMilli === null
    ? amountMilli
    : jobTotals(amountMilli, { taxBasisPoints: rate.taxBasisPoints, maxPriceMilli }).amountMilli;
}

/** Of a job whose data was deleted no remedy holds that needs them: neither fetching its result nor reading its units' logs. */
function reasonView(row: JobViewRow, rate: RateCardRow): Sendable<JobViewText>['reason'] {
  const told = reason(reasonNow(row), reasonDetail(row, rate));
  return row.dataDeletedAt === null ? told : withoutData(told, row.dataDeletedAt);
}

/** What is said of an ended job whose input, outputs and result are gone. */
export function withoutData<R extends { readonly sentence: string; readonly remedy: string }>(
  told: R,
  deletedAt: Date,
): R {
  return {
    ...told,
    sentence: `${told.sentence} Its data was deleted on ${deletedAt.toISOString().slice(0, 10)}.`,
    remedy: 'Submit the job again where you need its result.',
  };
}

/** What in particular. Of a job that reached what it may cost: what it takes to go on. */
function reasonDetail(row: JobViewRow, rate: RateCardRow): string | undefined {
  const code = reasonNow(row);
  if (code === 'reference-cannot' && row.referenceLimit !== null) {
    return describeLimit(row.referenceLimit).sentence;
  }
  if (code !== 'price-limit') {
    return row.reasonDetail ?? undefined;
  }
  const workFuel = numericToBigint(row.workFuel);
  const { toGoOn, toEnd } = neededMaxPrice({
    fuelBefore: numericToBigint(row.fuel) - workFuel,
    fuel: workFuel,
    unitsDone: row.unitsDone,
    unitsOut: row.unitsOut,
    unitCount: row.unitCount ?? 0,
    rate: { ...rateFor(rate, wantedTrust(row)), taxBasisPoints: rate.taxBasisPoints },
  });
  const money = (amount: bigint) => `${formatMoney(amount, rate.currency)} ${rate.currency}`;
  const end = row.phase === null ? 'to the end' : 'to the end of this stage';
  return `To go on it has to be allowed ${money(toGoOn)} or more, and about ${money(toEnd)} ${end}.`;
}

function wantedTrust({
  wantedTrust: trust,
  wantedCopies: copies,
}: Pick<JobViewRow, 'wantedTrust' | 'wantedCopies'>): WantedTrust {
  return { trust: trust ?? undefined, copies: copies ?? undefined };
}

function phaseView({ round, stage, ...phase }: JobPhaseRow): NonNullable<JobViewText['phase']> {
  return { ...phase, round: round + 1, stage: stage + 1 };
}

/** A job that came to no result has no deadline any more. */
function deadlineView(row: JobViewRow, now: Date): Pick<Sendable<JobViewText>, 'deadline'> {
  const { deadlineAt, state, phase } = row;
  if (deadlineAt === null || state === 'failed' || state === 'cancelled') {
    return {};
  }
  const outlook = deadlineOutlook({ ...row, deadlineAt, now, hasPhases: phase !== null });
  return { deadline: { at: deadlineAt, outlook, sentence: deadlineSentence(outlook, deadlineAt) } };
}

function checkedOf(row: JobViewRow, rate: RateCardRow): Checked {
  return {
    level: rateFor(rate, wantedTrust(row)).level,
    copies: row.wantedCopies ?? 1,
    unitsDone: row.allDone ?? row.unitsDone,
    unitsFinal: row.allFinal ?? row.unitsDone,
    unitsAgain: Number(row.allAgain ?? 0n),
  };
}

/** More fuel than was invoiced is not charged, whatever a correction found. */
function chargedFuel(row: Pick<JobViewRow, 'state' | 'fuel' | 'deliveredFuel' | 'invoicedFuel'>): bigint {
  const { state, invoicedFuel } = row;
  const fuel = numericToBigint(row.fuel);
  const delivered = numericToBigint(row.deliveredFuel);
  const isWithoutResult = state === 'failed' || state === 'cancelled';
  const now = isWithoutResult && delivered < fuel ? delivered : fuel;
  const invoiced = invoicedFuel === null ? now : numericToBigint(invoicedFuel);
  return now < invoiced ? now : invoiced;
}

function correctionView(
  job: Pick<JobViewRow, 'phase'>,
  correction: NonNullable<JobViewRow['corrections']>[number],
  currency: string,
): NonNullable<Sendable<JobViewText>['corrections']>[number] {
  const { foundAt, units, result, phase, creditNumber, creditTotalMilli } = correction;
  const credit =
    creditNumber === null || creditTotalMilli === null
      ? undefined
      : { number: creditNumber, amountMilli: BigInt(creditTotalMilli), currency };
  const told = correctionSentence({ units, phase, job: job.phase, isPublished: result !== null, credit });
  return {
    foundAt: new Date(foundAt),
    units,
    ...(result === null || phase !== null ? {} : { result }),
    ...(credit === undefined
      ? {}
      : { creditNote: { number: credit.number, total: { currency, amountMilli: credit.amountMilli } } }),
    ...told,
  };
}

/** Why a job is where it is. While it runs this changes from moment to moment, so it is worked out and not stored. */
export function reasonNow(
  row: Pick<
    JobViewRow,
    | 'workState'
    | 'isPaused'
    | 'reasonCode'
    | 'unitsOut'
    | 'terminalsAsking'
    | 'copies'
    | 'nextUnit'
    | 'unitCount'
    | 'waitsForReference'
    | 'referenceLimit'
  >,
): ReasonCode {
  if (row.workState === 'running' && row.isPaused) {
    return 'price-limit';
  }
  if (row.waitsForReference && (row.workState === 'running' || row.workState === 'provisional')) {
    return 'no-reference';
  }
  if (row.referenceLimit !== null && (row.workState === 'running' || row.workState === 'provisional')) {
    return 'reference-cannot';
  }
  if (row.workState !== 'running' || row.unitsOut > 0) {
    return row.reasonCode;
  }
  if (row.copies > 1 && row.nextUnit === row.unitCount && row.terminalsAsking) {
    return 'no-other-member';
  }
  return row.terminalsAsking ? row.reasonCode : 'no-terminal';
}
