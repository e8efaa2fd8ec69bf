import type { FeeTerms } from './license-fee.ts';

/** Terms for a product, and the month in UTC from which they count; null for since ever. */
export interface DatedTerms extends FeeTerms {
  readonly product: string;
  readonly fromMonth: string | null;
}

/** The terms for a product in a month, of those in the order of their months; undefined where the vendor's general ones count. */
export function termsInMonth<Terms extends DatedTerms>(
  terms: readonly Terms[],
  { product, month }: { readonly product: string; readonly month: string },
): Terms | undefined {
  return terms.findLast(
    (each) => each.product === product && (each.fromMonth === null || each.fromMonth <= month),
  );
}

/** The month of an instant, `2026-11`, in UTC. */
export function monthOf(at: Date): string {
  return at.toISOString().slice(0, 'yyyy-mm'.length);
}

/** The month after this one. */
export function monthAfter(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return monthOf(new Date(Date.UTC(year, number)));
}

/**
 * The first month from which new terms may count. While a product has no registrations nothing was earned under any terms, and they
 * may count at once; else from the next month on, so that no month and no registration changes its terms afterwards.
 */
export function earliestMonth(now: Date, { isInUse }: { readonly isInUse: boolean }): string {
  return isInUse ? monthAfter(monthOf(now)) : monthOf(now);
}

/** Whether two terms say the same. */
export function isSameTerms(one: FeeTerms, other: FeeTerms): boolean {
  return (
    one.kind === other.kind &&
    one.feeMilli === other.feeMilli &&
    one.pointsMilliMin === other.pointsMilliMin &&
    one.hoursMin === other.hoursMin &&
    one.taxBasisPoints === other.taxBasisPoints
  );
}
