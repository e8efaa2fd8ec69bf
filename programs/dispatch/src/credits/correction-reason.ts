/** Why a correction credits something, on the note itself. */
export interface CorrectionReason {
  readonly units: bigint;
  readonly fuel: bigint;
  readonly invoicedFuel: bigint;
}

/** A note is issued once and read in either language (labels are the reader's), so its reason stands there in both. */
export function correctionReason({ units, fuel, invoicedFuel }: CorrectionReason): string {
  const found = units === 1n ? '1 unit was' : `${units} units were`;
  return (
    `${found} found wrong after the invoice and computed again. ` +
    `The right results took ${fuel} fuel in place of ${invoicedFuel}. / ` +
    `請求後に${units}単位の結果の誤りが見つかり、計算し直しました。正しい結果の計算量は${invoicedFuel}でなく${fuel}です。`
  );
}
