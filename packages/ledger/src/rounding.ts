/**
 * The one place where amounts are rounded.
 *
 * Half-up, away from zero for negative amounts, so that a credit note is the exact mirror of its invoice.
 */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError(`Cannot divide an amount by ${denominator}.`);
  const magnitude = numerator < 0n ? -numerator : numerator;
  const quotient = (2n * magnitude + denominator) / (2n * denominator);
  return numerator < 0n ? -quotient : quotient;
}

/** Rounds to a multiple of `step`, half-up. */
export function roundToMultiple(amount: bigint, step: bigint): bigint {
  return divideHalfUp(amount, step) * step;
}
