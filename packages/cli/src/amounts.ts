import { currencyExponent, decimalText, MONEY_EXTRA_SCALE } from '@taika/ledger/money';
import { POINTS, POINTS_SCALE } from '@taika/ledger/points';
import type { MoneyText } from '@taika/protocol/schema';

/** `{JPY, "1234500"}` as `1,234.5 JPY`: exact, with as many digits as are not zero, at least the currency's own. */
export function moneyText({ currency, amountMilli }: MoneyText): string {
  const exponent = currencyExponent(currency);
  return `${shownText(BigInt(amountMilli), exponent + MONEY_EXTRA_SCALE, exponent)} ${currency}`;
}

/** Thousandths of a point as text: `1500` is `1.5`. */
export function pointsText(milli: string): string {
  return shownText(BigInt(milli), POINTS_SCALE, 0);
}

/** Thousandths of a factor as text: `1100` is `1.1`. */
export function factorText(thousandths: bigint | number): string {
  return shownText(BigInt(thousandths), 3, 0);
}

/** An amount of the books: money, or points under their own commodity. */
export function amountText(commodity: string, amountMilli: string): string {
  return commodity === POINTS
    ? `${pointsText(amountMilli)} ${POINTS}`
    : moneyText({ currency: commodity, amountMilli });
}

/** Fuel as people compare it: `23.4 G` is 23.4 × 10^9. */
export function fuelText(fuel: bigint | string | number): string {
  const value = Number(fuel);
  for (const [scale, letter] of [
    [1e15, 'P'],
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (value >= scale) return `${(value / scale).toPrecision(3)} ${letter}`;
  }
  return String(value);
}

/** Decimal text for eyes: thousands apart, zeros at the end left out beyond `digitsMin`. */
function shownText(value: bigint, scale: number, digitsMin: number): string {
  const [whole = '', fraction = ''] = decimalText(value, scale).split('.');
  const shown = fraction.replace(/0+$/, '').padEnd(digitsMin, '0');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${shown === '' ? '' : `.${shown}`}`;
}

/** A number of things: `1 unit`, `3 units`. */
export function countText(count: number, thing: string): string {
  return count === 1 ? `1 ${thing}` : `${count} ${thing}s`;
}
