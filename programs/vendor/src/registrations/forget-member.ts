import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { RegistrationText } from '@taika/protocol/vendor/licenses';
import type { MemberCaller, VendorContext } from '../context.ts';
import { endLicense } from '../licenses/queries.ts';
import { forgetMemberRow, lockRegistration, lockTerminal, markEnded } from './queries.ts';
import { readRegistration, toRegistrationText } from './register-member.ts';

/**
 * Ends a registration and its license. With the last one the member's name and contact are deleted; claims, orders and bills
 * stay, under the pseudonym alone. The dispatch server is told by the loop, so this works while it is out of reach.
 */
export async function forgetMember(
  context: VendorContext,
  caller: MemberCaller,
  registrationId: string,
): Promise<RegistrationText> {
  const { sql, clock, kick } = context;
  await inTransaction(sql, async (tx) => {
    await lockTerminal(tx, caller.thumbprint);
    const registration = await lockRegistration(tx, registrationId);
    if (registration === undefined || registration.thumbprint !== caller.thumbprint) {
      throw new ApiError('not-found');
    }
    const now = clock.now();
    await markEnded(tx, registrationId, now);
    await endLicense(tx, registrationId, now);
    await forgetMemberRow(tx, registration.memberId, now);
  });
  kick('registrations');
  return toRegistrationText(await readRegistration(context, registrationId));
}
