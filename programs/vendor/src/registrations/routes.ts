import { canonicalJson } from '@taika/crypto/canonical-json';
import { sha256HexSync } from '@taika/crypto/node-digest';
import { callerOf } from '@taika/http/access';
import {
  acknowledgeKey as acknowledgeKeyRoute,
  forgetMember as forgetMemberRoute,
  type RegistrationText,
  register,
} from '@taika/protocol/vendor/licenses';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { createSingleFlight } from '../single-flight.ts';
import { acknowledgeKey } from './acknowledge-key.ts';
import { forgetMember } from './forget-member.ts';
import { registerMember } from './register-member.ts';

/** Registering a member and its terminal, step by step (204 to 210, 504 to 509). */
export function registerRegistrationRoutes(declare: VendorRouter, context: VendorContext): void {
  // A call that is repeated while the first one still runs gets the same key; a later one would replace it.
  const flights = createSingleFlight<RegistrationText>();
  declare(register, ({ params: { registrationId }, body }) =>
    flights.run(`${registrationId} ${sha256HexSync(canonicalJson(body))}`, () =>
      registerMember(context, registrationId, body),
    ),
  );

  declare(acknowledgeKeyRoute, ({ params, caller }) =>
    acknowledgeKey(context, callerOf('member', caller), params.registrationId),
  );

  declare(forgetMemberRoute, ({ params, caller }) =>
    forgetMember(context, callerOf('member', caller), params.registrationId),
  );
}
