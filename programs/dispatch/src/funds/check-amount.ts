import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';

/** Money as it travels. */
export interface MoneyGiven {
  readonly currency: string;
  readonly amountMilli: string;
}

/** An amount in the contractor's currency, of at least `minMilli` (1). Throws `bad-request`. */
export function checkAmount(
  { contractor }: Pick<DispatchContext, 'contractor'>,
  { currency, amountMilli }: MoneyGiven,
  minMilli = 1n,
): bigint {
  const amount = BigInt(amountMilli);
  if (currency !== contractor.currency) {
    throw new ApiError(
      'bad-request',
      `This contractor's books are in ${contractor.currency}, not in ${currency}.`,
    );
  }
  if (amount < minMilli || amount > amountMilliMax) {
    throw new ApiError(
      'bad-request',
      `The amount is between ${minMilli} and ${amountMilliMax} thousandths of the smallest coin.`,
    );
  }
  return amount;
}

/** A million customers with this much stay within 64 bits. */
const amountMilliMax = 10n ** 12n;
