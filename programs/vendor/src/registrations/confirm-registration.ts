import { endRegistration, registerMember } from '@taika/protocol/dispatch/registrations';
import type { Pseudonym, ReasonText, RegistrationId } from '@taika/protocol/schema';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { VendorContext } from '../context.ts';
import { isRefusal, reasonOfFailure } from '../dispatch-client.ts';
import { nextAttemptAt } from '../retry-later.ts';
import { listDue, markEndTold, markFailedAttempt, markRegistered, type RegistrationRow } from './queries.ts';

/**
 * Forwards a registration to the dispatch server and stores its confirmation (steps 206 to 208). Name and contact stay
 * here. Gives the reason where it is not confirmed; a refusal waits for the terminal's next call, anything else for the loop.
 */
export async function confirmRegistration(
  { sql, clock, random, dispatch }: VendorContext,
  registration: RegistrationRow,
): Promise<ReasonText | undefined> {
  const { id, memberId, product, kind, terminalName, publicKey, proof, attempts } = registration;
  if (registration.state !== 'requested' || proof === null) {
    return undefined;
  }
  let registeredAt: Date;
  try {
    const confirmed = await dispatch.call(registerMember, {
      params: { registrationId: id as RegistrationId },
      body: {
        pseudonym: memberId as Pseudonym,
        product,
        kind,
        terminalName,
        terminalKey: { kty: publicKey.kty, crv: publicKey.crv, x: publicKey.x },
        proof,
      },
    });
    // The contractor's instant: it decides by the terms of which month a registration is paid for.
    registeredAt = new Date(confirmed.registeredAt);
  } catch (error) {
    const problem = reasonOfFailure(error);
    const next = isRefusal(error) ? null : nextAttemptAt(attempts, clock.now(), random);
    await markFailedAttempt(sql, { id, problem, nextAttemptAt: next });
    return problem;
  }
  faultPoint('vendor.registration.confirmed');
  await markRegistered(sql, id, registeredAt);
  faultPoint('vendor.registration.registered');
  return undefined;
}

/** Tells the dispatch server that a registration ended. One that it never heard of is as good as ended. */
async function tellEnd(context: VendorContext, { id, attempts }: RegistrationRow): Promise<void> {
  const { sql, clock, random, dispatch, log } = context;
  try {
    await dispatch.call(endRegistration, { params: { registrationId: id as RegistrationId } });
  } catch (error) {
    const problem = reasonOfFailure(error);
    if (problem.code !== 'not-found') {
      log.warn({ registration: id, problem }, 'The dispatch server could not be told of an end yet.');
      await markFailedAttempt(sql, {
        id,
        problem,
        nextAttemptAt: nextAttemptAt(attempts, clock.now(), random),
      });
      return;
    }
  }
  await markEndTold(sql, id);
}

/** One step of the loop that finishes what is stuck between the two user databases. It never issues a key: that goes out only with a reply to the terminal. */
export async function registrationsStep(context: VendorContext): Promise<StepOutcome> {
  const due = await listDue(context.sql, context.clock.now(), batch);
  for (const registration of due) {
    if (registration.endingDue) {
      await tellEnd(context, registration);
    } else {
      await confirmRegistration(context, registration);
    }
  }
  return due.length === batch ? 'again' : 'idle';
}

const batch = 50;
