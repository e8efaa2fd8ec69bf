import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { RegistrationText } from '@taika/protocol/vendor/licenses';
import type { MemberCaller, VendorContext } from '../context.ts';
import { lockRegistration, markAcknowledged } from './queries.ts';
import { readRegistration, toRegistrationText } from './register-member.ts';
import { afterEvent } from './registration.ts';

/** The agent stored the key (step 210): it is never sent again, and the license fee may be claimed. A repeated call changes nothing. */
export async function acknowledgeKey(
  context: VendorContext,
  caller: MemberCaller,
  registrationId: string,
): Promise<RegistrationText> {
  const { sql, clock, kick } = context;
  await inTransaction(sql, async (tx) => {
    const registration = await lockRegistration(tx, registrationId);
    if (registration === undefined || registration.thumbprint !== caller.thumbprint) {
      throw new ApiError('not-found');
    }
    if (afterEvent(registration.state, 'stored') === undefined) {
      throw new ApiError(
        'wrong-state',
        `The registration is ${registration.state}: there is no key to acknowledge.`,
      );
    }
    await markAcknowledged(tx, registrationId, clock.now());
  });
  kick('claims');
  return toRegistrationText(await readRegistration(context, registrationId));
}
