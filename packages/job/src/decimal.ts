/** An exact decimal number: `digits` × 10^−`scale`. */
export interface Decimal {
  readonly digits: bigint;
  /** Digits after the point, at least 0. */
  readonly scale: number;
}

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
/** A double has at most 309 digits before the point and 1,074 after it; more is surely no result of a computation. */
const digitsMax = 1_500;

/** Reads a number as programs print it: `12`, `-0.5`, `1.5e-7`; undefined for any other text. */
export function parseDecimal(text: string): Decimal | undefined {
  const found = pattern.exec(text);
  if (found === null) {
    return undefined;
  }
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found;
  const places = fraction.length - Number(exponent);
  if (whole + fraction === '' || whole.length + Math.max(fraction.length, Math.abs(places)) > digitsMax) {
    return undefined;
  }
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  return places >= 0 ? { digits, scale: places } : { digits: digits * 10n ** BigInt(-places), scale: 0 };
}

/** The exact sum; as many digits after the point as the one that has more. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: scaled(a, scale) + scaled(b, scale), scale };
}

export function decimalText({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

function scaled({ digits, scale }: Decimal, wanted: number): bigint {
  return wanted === scale ? digits : digits * 10n ** BigInt(wanted - scale);
}
