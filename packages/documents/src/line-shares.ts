import { COIN } from '@taika/ledger/money';
import type { Invoice } from './document.ts';

/**
 * Each line in whole coins, at the scale of the books, so that the lines of a rate sum to its net: what a format needs that
 * knows no fractions of a coin. Every line is rounded down, and the coins left over go to the largest remainders, the
 * first line first where they are equal.
 */
export function lineShares({ lines, groups }: Pick<Invoice, 'lines' | 'groups'>): bigint[] {
  const shares = lines.map(({ amount }) => amount - remainder(amount));
  for (const { rateBasisPoints, net } of groups) {
    const ofRate = lines.flatMap((line, index) => (line.rateBasisPoints === rateBasisPoints ? [index] : []));
    const left = (net - ofRate.reduce((sum, index) => sum + (shares[index] ?? 0n), 0n)) / COIN;
    const byRemainder = ofRate.toSorted(
      (a, b) => compare(remainderOf(lines, b), remainderOf(lines, a)) || a - b,
    );
    for (const index of byRemainder.slice(0, Number(left))) {
      shares[index] = (shares[index] ?? 0n) + COIN;
    }
  }
  return shares;
}

function remainderOf(lines: Invoice['lines'], index: number): bigint {
  return remainder(lines[index]?.amount ?? 0n);
}

/** What is above the next whole coin below; never negative. */
function remainder(amount: bigint): bigint {
  return ((amount % COIN) + COIN) % COIN;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
