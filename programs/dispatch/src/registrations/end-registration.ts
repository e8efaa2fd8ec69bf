import { ApiError } from '@taika/http/api-error';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { takeWorkBack } from '../terminals/take-work-back.ts';
import { endRegistrationRow, findRegistration } from './queries.ts';

/** Ends a registration of this vendor; its terminal gets no more work for the product, its points stay. A repeated call gives the first end. */
export async function endRegistration(
  context: DispatchContext,
  caller: VendorCaller,
  registrationId: string,
): Promise<Date> {
  const { sql, clock } = context;
  const known = await findRegistration(sql, registrationId);
  if (known === undefined || known.vendorNumber !== caller.vendorNumber) {
    throw new ApiError('not-found');
  }
  const endedAt = await endRegistrationRow(sql, registrationId, known.endedAt ?? clock.now());
  await takeWorkBack(context, known.terminalNumber);
  return endedAt;
}
