import type { MoneyText } from '@taika/protocol/schema';

/** Digits after the point of a currency's minor unit, where it is not 2 (ISO 4217). */
const exponents: Readonly<Record<string, number>> = {
  JPY: 0,
  KRW: 0,
  VND: 0,
  CLP: 0,
  BHD: 3,
  KWD: 3,
  TND: 3,
};

/** `{JPY, "1234500"}` as `1,234.5 JPY`: exact, with as many digits as are not zero, at least the currency's own. */
export function moneyText({ currency, amountMilli }: MoneyText): string {
  const exponent = exponents[currency] ?? 2;
  return `${decimalText(BigInt(amountMilli), exponent + 3, exponent)} ${currency}`;
}

/** Thousandths of a point as text: `1500` is `1.5`. */
export function pointsText(milli: string): string {
  return decimalText(BigInt(milli), 3, 0);
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

function decimalText(value: bigint, digits: number, digitsMin: number): string {
  const sign = value < 0n ? '-' : '';
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, -digits).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = text.slice(-digits).replace(/0+$/, '').padEnd(digitsMin, '0');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
