/** Amounts before tax in whole coins, in thousandths of the smallest coin. */
export interface Correction {
  readonly invoicedNet: bigint;
  /** What the invoice would say of the right results. */
  readonly rightNet: bigint;
  /** What corrections of the same invoice credited earlier. */
  readonly creditedForCorrections: bigint;
  /** What of the invoice can still be credited, after whatever else was. */
  readonly creditable: bigint;
}

/**
 * What a correction credits: so much that all corrections together come to the difference to the right results; never below
 * zero, because a customer is not charged more later, and never beyond what is left of the invoice.
 */
export function correctionCredit({
  invoicedNet,
  rightNet,
  creditedForCorrections,
  creditable,
}: Correction): bigint {
  const due = invoicedNet - rightNet - creditedForCorrections;
  if (due <= 0n) {
    return 0n;
  }
  return due < creditable ? due : creditable;
}
