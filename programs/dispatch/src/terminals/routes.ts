import { callerOf } from '@taika/http/access';
import { readPageRequest, toPage } from '@taika/http/page';
import { listTerminals, revokeTerminal as revokeRoute } from '@taika/protocol/dispatch/parties';
import {
  openTerminalSession as openSessionRoute,
  readTerminal,
  recordConsent as recordConsentRoute,
  requestChallenge,
  withdrawConsent as withdrawConsentRoute,
} from '@taika/protocol/dispatch/registrations';
import type { TerminalId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { challengeMs, makeChallenge } from './challenge.ts';
import { openTerminalSession } from './open-session.ts';
import { listTerminalRows, type OperatorTerminalRow } from './queries.ts';
import { recordConsent } from './record-consent.ts';
import { revokeTerminal } from './revoke-terminal.ts';
import { viewTerminal } from './view-terminal.ts';
import { withdrawConsent } from './withdraw-consent.ts';

/** Terminals: their sessions and consents by themselves, the list and revocation by the operator. */
export function registerTerminalRoutes(route: DispatchRouter, context: DispatchContext): void {
  const { clock, random, secrets } = context;

  route(requestChallenge, ({ body }) => ({
    challenge: makeChallenge(body.terminalKeyThumbprint, {
      secret: secrets.session,
      now: clock.now(),
      random,
    }),
    expiresInMs: challengeMs,
  }));

  route(openSessionRoute, async ({ body }) => {
    const { terminalId, ...opened } = await openTerminalSession(context, body.answer);
    return { terminalId: terminalId as TerminalId, ...opened };
  });

  route(readTerminal, ({ caller }) => viewTerminal(context, callerOf('terminal', caller)));

  route(recordConsentRoute, async ({ params, body, caller }) => ({
    recordedAt: await recordConsent(context, callerOf('terminal', caller), {
      consentId: params.consentId,
      token: body.consent,
    }),
  }));

  route(withdrawConsentRoute, async ({ params, caller }) => ({
    withdrawnAt: await withdrawConsent(context, callerOf('terminal', caller), params.consentId),
  }));

  route(listTerminals, async ({ query }) => {
    const page = readPageRequest(query);
    return toPage(await listTerminalRows(context.sql, page), page, toOperatorTerminal);
  });

  route(revokeRoute, async ({ params, body }) =>
    toOperatorTerminal(await revokeTerminal(context, params.terminalId, body.reason)),
  );
}

function toOperatorTerminal({ id, role, state, name, seenAt, unitsOut }: OperatorTerminalRow) {
  return {
    terminalId: id as TerminalId,
    role,
    state,
    name,
    unitsOut,
    ...(seenAt === null ? {} : { lastSeenAt: seenAt }),
  };
}
