import type { RegistrationId, TerminalId, VendorId } from '@taika/protocol/schema';
import type { DispatchContext, TerminalCaller } from '../context.ts';
import { unitsOf } from '../receipts/evidence.ts';
import { always, sumTerminalWork } from '../receipts/queries.ts';
import { readPointsBalance } from '../rewards/read-balance.ts';
import { listOpenRegistrations } from './queries.ts';

/** A terminal as it sees itself: registrations, consents, and its member's points. */
export async function viewTerminal({ sql, clock }: DispatchContext, caller: TerminalCaller) {
  const { terminalNumber, memberNumber } = caller;
  const registrations = await listOpenRegistrations(sql, terminalNumber);
  const work = await sumTerminalWork(sql, terminalNumber, always);
  return {
    terminalId: caller.terminalId as TerminalId,
    // A revoked one is not let in.
    state: 'active' as const,
    registrations: registrations.map(({ registrationId, vendorId, product, kind, consentAt }) => ({
      registrationId: registrationId as RegistrationId,
      vendorId: vendorId as VendorId,
      product,
      kind,
      ...(consentAt === null ? {} : { consentAt }),
    })),
    points: await readPointsBalance(sql, memberNumber, clock.now()),
    unitsAccepted: Number(unitsOf(work)),
  };
}
