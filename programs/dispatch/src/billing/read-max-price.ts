import { ApiError } from '@taika/http/api-error';
import { findBoundRefusal, findCurrencyRefusal } from '@taika/job/find-bound-refusal';
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
  // `PUT …/max-price` comes here too, without the checks of a submission.
  const refusal = findCurrencyRefusal({ maxPrice }, currency) ?? findBoundRefusal({ maxPrice });
  if (refusal !== undefined) {
    throw new ApiError('job-refused', refusal.sentence);
  }
  return maxPriceOf(BigInt(maxPrice.amountMilli), { jobLimitMilli, priceMilli });
}
