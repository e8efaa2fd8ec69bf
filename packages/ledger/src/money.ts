import { divideHalfUp, roundToMultiple } from './rounding.ts';

/** An ISO 4217 alphabetic code, for example `JPY`. */
export type Currency = string;

/**
 * Decimals kept below the currency's own minor unit. Prices per 10^9 fuel are far below one yen; three more decimals
 * keep the sum of a job's lines exact to a thousandth of the smallest coin until the one rounding on its invoice.
 */
export const MONEY_EXTRA_SCALE = 3;

/** One smallest coin of any currency, at the scale of the books. */
export const COIN = 10n ** BigInt(MONEY_EXTRA_SCALE);

/** Currencies of ISO 4217 whose minor unit is not a hundredth. */
const UNUSUAL_EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};

/** Decimals of the currency's smallest coin by ISO 4217: 0 for JPY, 2 for EUR. Throws RangeError on anything but three capitals. */
export function currencyExponent(currency: Currency): number {
  if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError(`"${currency}" is not an ISO 4217 currency code.`);
  return UNUSUAL_EXPONENTS[currency] ?? 2;
}

/** Decimals of an amount in the books: the currency's exponent + 3. */
export function moneyScale(currency: Currency): number {
  return currencyExponent(currency) + MONEY_EXTRA_SCALE;
}

/** An amount of the books as a number of smallest coins, half-up: what a document shows. */
export function toMinorUnits(amount: bigint): bigint {
  return divideHalfUp(amount, COIN);
}

/** A number of smallest coins as an amount of the books; exact. */
export function fromMinorUnits(amountMinor: bigint): bigint {
  return amountMinor * COIN;
}

/** An amount of the books rounded half-up to whole smallest coins, still at the scale of the books. */
export function roundToMinorUnits(amount: bigint): bigint {
  return roundToMultiple(amount, COIN);
}

/** An amount of the books as decimal text with the currency's own decimals, half-up: `1234.50`. No grouping: for data, not for eyes. */
export function formatMoney(amount: bigint, currency: Currency): string {
  return decimalText(toMinorUnits(amount), currencyExponent(currency));
}

/** An amount of the books as decimal text with every decimal that the books keep. */
export function formatMoneyExactly(amount: bigint, currency: Currency): string {
  return decimalText(amount, moneyScale(currency));
}

/** Decimal text (`12`, `12.5`, `-0.001`) as an amount of the books. Throws RangeError on anything else, or on more decimals than the books keep. */
export function parseMoney(text: string, currency: Currency): bigint {
  return parseDecimal(text, moneyScale(currency));
}

/** A price for each `per`, times a factor in thousandths (1000 where there is none). */
export interface UnitPrice {
  readonly price: bigint;
  readonly per: bigint;
  readonly factorThousandths?: bigint;
}

/** What `quantity` costs at a price, half-up at the scale of the books: rounded once, after the factor. */
export function priceOf(quantity: bigint, { price, per, factorThousandths = 1_000n }: UnitPrice): bigint {
  return divideHalfUp(quantity * price * factorThousandths, per * 1_000n);
}

/** `units` of 10^-scale as decimal text. */
export function decimalText(units: bigint, scale: number): string {
  const magnitude = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = magnitude.slice(0, magnitude.length - scale);
  const sign = units < 0n ? '-' : '';
  return scale === 0 ? sign + whole : `${sign}${whole}.${magnitude.slice(-scale)}`;
}

/** Decimal text as a number of units of 10^-scale; exact or RangeError. */
export function parseDecimal(text: string, scale: number): bigint {
  const match = /^(-?)(\d{1,18})(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[3] ?? '';
  if (!match || fraction.length > scale) {
    throw new RangeError(`"${text}" is not a decimal number with at most ${scale} decimals.`);
  }
  const units = BigInt(`${match[2]}${fraction.padEnd(scale, '0')}`);
  return match[1] === '-' ? -units : units;
}
