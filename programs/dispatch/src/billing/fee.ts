import type { ReasonCode } from '@taika/protocol/reasons';

/** From how much on a month is paid for. */
export interface FeeMinimum {
  readonly pointsMilli: bigint;
  readonly leaseHours: number;
}

/** What a vendor asks a license fee for, and what is known of it. */
export interface FeeRequest {
  /** `2026-11`; undefined where the fee is for the registration itself. */
  readonly month: string | undefined;
  readonly registeredAt: Date;
  readonly endedAt: Date | null;
  /** Units that the terminal computed in the month while the registration was in force. */
  readonly unitsInMonth: bigint;
  /** Points that they made for the license, and hours that it was served in. */
  readonly pointsMilli: bigint;
  readonly leaseHours: number;
  /** From how much on the contract pays; zeros where for any work. */
  readonly minimum: FeeMinimum;
  /** A fee for the same registration, or for the same terminal, product and month, was accrued before. */
  readonly wasClaimed: boolean;
}

/** Why no fee is due; undefined when it is. A fee by the month is due for a month in which the license was earned by work. */
export function feeRefusal(request: FeeRequest): ReasonCode | undefined {
  if (request.wasClaimed) {
    return 'fee-claimed-before';
  }
  if (request.month === undefined) {
    return undefined;
  }
  const { from, before } = daysOf(request.month);
  const isInForce =
    request.registeredAt < new Date(before) &&
    (request.endedAt === null || request.endedAt >= new Date(from));
  if (!isInForce) {
    return 'fee-not-registered';
  }
  if (request.unitsInMonth === 0n) {
    return 'fee-without-work';
  }
  const { pointsMilli, leaseHours } = request.minimum;
  return request.pointsMilli < pointsMilli || request.leaseHours < leaseHours
    ? 'fee-below-minimum'
    : undefined;
}

/** The days of a month in UTC, the first included, the last not. */
export function daysOf(month: string): { readonly from: string; readonly before: string } {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const day = (at: number) => new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length);
  return { from: day(Date.UTC(year, number - 1)), before: day(Date.UTC(year, number)) };
}
