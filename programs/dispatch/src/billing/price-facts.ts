import type { Fact } from '@taika/documents/document';
import { groupedText, moneyText } from '@taika/documents/text';
import { decimalText } from '@taika/ledger/money';
import type { JobFactor } from '@taika/protocol/trust-prices';

/** What a job's price was worked out by, as a document's line tells it. */
export interface PricedBy {
  readonly priceMilli: bigint;
  readonly perFuel: bigint;
  readonly currency: string;
  /** Null on an invoice from before levels had prices. */
  readonly level: JobFactor['level'] | null;
  readonly factorThousandths: number;
  readonly rateVersion: number;
}

/** Price, level, factor and rate card: with the fuel, all that it takes to work the amount out again. */
export function priceFacts(row: PricedBy): Fact[] {
  const { priceMilli, perFuel, currency, level, factorThousandths, rateVersion } = row;
  return [
    { name: 'price', value: `${moneyText(priceMilli, currency)} / ${groupedText(String(perFuel))}` },
    ...(level === null
      ? []
      : ([
          { name: 'level', value: level },
          { name: 'factor', value: decimalText(BigInt(factorThousandths), 3) },
        ] as const)),
    { name: 'rate-version', value: String(rateVersion) },
  ];
}
