import { ApiError } from '@taika/http/api-error';
import { COIN } from '@taika/ledger/money';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { Contractor } from '../context.ts';
import { maxPriceOf } from './job-limit.ts';

/** What a job may cost, tax included; undefined where the work is free of charge. Throws `job-refused` for a price that cannot be. */
export function readMaxPrice(
  { currency, jobLimitMilli }: Pick<Contractor, 'currency' | 'jobLimitMilli'>,
  { maxPrice }: Pick<JobSpecText, 'maxPrice'>,
  priceMilli: bigint,
): bigint | undefined {
  if (maxPrice === undefined) {
    return maxPriceOf(undefined, { jobLimitMilli, priceMilli });
  }
  if (maxPrice.currency !== currency) {
    throw new ApiError('job-refused', `maxPrice: this contractor bills in ${currency}.`);
  }
  const amountMilli = BigInt(maxPrice.amountMilli);
  if (amountMilli < COIN || amountMilli > maxPriceMilliMax) {
    throw new ApiError('job-refused', 'maxPrice: it is at least one coin, and at most a billion of them.');
  }
  return maxPriceOf(amountMilli, { jobLimitMilli, priceMilli });
}

/** Far beyond any job, and far within 64 bits for any number of them. */
const maxPriceMilliMax = 10n ** 12n;
