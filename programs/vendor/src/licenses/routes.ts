import { callerOf } from '@taika/http/access';
import { activate, readLicense, requestGrant } from '@taika/protocol/vendor/licenses';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { createGuessLimit } from '../guess-limit.ts';
import { activateLicense } from './activate-license.ts';
import { issueGrant } from './issue-grant.ts';
import { listLicenseEvents } from './queries.ts';
import { eventsShown, readOwnLicense, toLicenseView } from './read-license.ts';

/** Activating, granting and showing licenses. */
export function registerLicenseRoutes(declare: VendorRouter, context: VendorContext): void {
  const guesses = createGuessLimit(context.clock);
  declare(activate, ({ body, caller }) => {
    const member = callerOf('member', caller);
    return guesses.guard(member.thumbprint, () => activateLicense(context, member, body.licenseKey));
  });

  declare(requestGrant, async ({ params, caller }) => {
    const granted = await issueGrant(context, callerOf('member', caller), params.licenseId);
    // A license-month may have begun, for which a fee is due.
    context.kick('claims');
    return granted;
  });

  declare(readLicense, async ({ params, caller }) => {
    const { license, device } = await readOwnLicense(context, callerOf('member', caller), params.licenseId);
    return toLicenseView(license, device, await listLicenseEvents(context.sql, license.id, eventsShown));
  });
}
