import { callerOf } from '@taika/http/access';
import {
  endRegistration as endRoute,
  registerMember as registerRoute,
} from '@taika/protocol/dispatch/registrations';
import type { MemberId, RegistrationId, TerminalId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { endRegistration } from './end-registration.ts';
import { registerMember } from './register-member.ts';

/** The dispatch half of the registration saga. */
export function registerRegistrationRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(registerRoute, async ({ params, body, caller }) => {
    const registered = await registerMember(context, callerOf('vendor', caller), { ...params, ...body });
    return {
      registrationId: registered.id as RegistrationId,
      memberId: registered.memberId as MemberId,
      terminalId: registered.terminalId as TerminalId,
      registeredAt: registered.registeredAt,
    };
  });

  route(endRoute, async ({ params, caller }) => ({
    endedAt: await endRegistration(context, callerOf('vendor', caller), params.registrationId),
  }));
}
