import { sha256Hex } from '@taika/crypto/digest';
import { thumbprint } from '@taika/crypto/keys';
import { signToken } from '@taika/crypto/token';
import { RemoteError } from '@taika/http/call';
import { recordConsent, withdrawConsent } from '@taika/protocol/dispatch/registrations';
import type { ConsentId } from '@taika/protocol/schema';
import { type ConsentClaims, tokenTypes } from '@taika/protocol/tokens';
import { uuidv7 } from '@taika/runtime/identifiers';
import { AgentError } from './agent-error.ts';
import { type ConsentFacts, type ConsentLocale, consentText, consentTextVersion } from './consent-text.ts';
import type { DispatchCalls } from './dispatch-calls.ts';
import type { Host } from './host.ts';
import {
  type ConsentRecord,
  type RegistrationRecord,
  readRegistrations,
  writeRegistration,
} from './records.ts';

export interface ConsentChoice {
  readonly acceptedVersion: string;
  readonly locale: ConsentLocale;
  readonly limits: { readonly cores: number; readonly memoryMiB: number };
}

/** The text's facts for one registration on a machine of so many cores. */
export function consentFacts(
  { vendorName, contractorName, title, kind, cashPrice }: RegistrationRecord,
  { cores, memoryMiB }: ConsentChoice['limits'],
  coresOfMachine: number,
): ConsentFacts {
  return { vendorName, contractorName, title, kind, cashPrice, cores, memoryMiB, coresOfMachine };
}

/**
 * Signs the member's consent for a registration and keeps it; the text is the one that was shown. It is in force here at
 * once and at the dispatch server as soon as it is recorded. Throws an AgentError for another version of the text.
 */
export async function giveConsent(
  host: Host,
  registration: RegistrationRecord,
  choice: ConsentChoice,
  coresOfMachine: number,
): Promise<ConsentRecord> {
  const { acceptedVersion, locale, limits } = choice;
  if (acceptedVersion !== consentTextVersion) {
    throw new AgentError(
      'another-text',
      `The text that is shown is version ${consentTextVersion}, not ${acceptedVersion}.`,
      `Read it with \`taika agent consent\`, then accept it with \`--accept-terms ${consentTextVersion}\`.`,
    );
  }
  const { clock, random, terminal } = host;
  const consentId = uuidv7(clock.now(), random);
  const claims: ConsentClaims = {
    sub: await thumbprint(terminal.publicKey),
    jti: consentId,
    product: registration.product,
    vendor: registration.vendorId,
    textVersion: consentTextVersion,
    textSha256: await sha256Hex(consentText(consentFacts(registration, limits, coresOfMachine), locale)),
    locale,
    limits,
    iat: Math.floor(clock.now().getTime() / 1000),
  };
  const token = await signToken(claims, { type: tokenTypes.consent, key: terminal.privateKey });
  const at = clock.now().toISOString();
  const consent: ConsentRecord = { consentId, textVersion: consentTextVersion, locale, limits, token, at };
  await writeRegistration(host, { ...registration, consent });
  return consent;
}

/** Withdraws every consent, here and at once; the dispatch server is told by `tellConsents`, when it can be reached. */
export async function withdrawConsents(host: Host): Promise<number> {
  const consented = (await readRegistrations(host.store)).filter(({ consent }) => consent !== undefined);
  for (const { consent, ...registration } of consented) {
    const withdrawals = [
      ...(registration.withdrawals ?? []),
      ...(consent === undefined ? [] : [consent.consentId]),
    ];
    await writeRegistration(host, { ...registration, withdrawals });
  }
  await host.store.clear('units');
  return consented.length;
}

/** Brings the dispatch server up to date: records consents and withdrawals that it does not know yet. May be repeated. */
export async function tellConsents(host: Host, dispatch: DispatchCalls, signal?: AbortSignal): Promise<void> {
  for (const registration of await readRegistrations(host.store)) {
    const withdrawals = [...(registration.withdrawals ?? [])];
    for (const consentId of withdrawals) {
      const params = { consentId: consentId as ConsentId };
      await dispatch
        .asTerminal((caller) => caller.call(withdrawConsent, { params, signal }), signal)
        .catch(ignoreUnknown);
    }
    const recorded = await recordOne(host, dispatch, registration, signal);
    if (withdrawals.length > 0 || recorded !== registration) await settle(host, recorded, withdrawals);
  }
}

async function recordOne(
  host: Host,
  dispatch: DispatchCalls,
  registration: RegistrationRecord,
  signal: AbortSignal | undefined,
): Promise<RegistrationRecord> {
  const { consent } = registration;
  if (consent === undefined || consent.recordedAt !== undefined) return registration;
  const params = { consentId: consent.consentId as ConsentId };
  const body = { consent: consent.token };
  const { recordedAt } = await dispatch.asTerminal(
    (caller) => caller.call(recordConsent, { params, body, signal }),
    signal,
  );
  host.log.info({ product: registration.product }, 'The consent is recorded at the dispatch server.');
  return { ...registration, consent: { ...consent, recordedAt } };
}

/** Writes what was confirmed, without undoing what the member chose meanwhile. */
async function settle(host: Host, told: RegistrationRecord, withdrawn: readonly string[]): Promise<void> {
  const now = await readRegistrations(host.store);
  const record = now.find(({ registrationId }) => registrationId === told.registrationId);
  if (record === undefined) return;
  const isSame = record.consent !== undefined && record.consent.consentId === told.consent?.consentId;
  const withdrawals = (record.withdrawals ?? []).filter((id) => !withdrawn.includes(id));
  await writeRegistration(host, {
    ...record,
    ...(isSame && told.consent !== undefined ? { consent: told.consent } : {}),
    withdrawals,
  });
}

/** A consent that the server never had needs no withdrawal there. */
function ignoreUnknown(error: unknown): void {
  if (error instanceof RemoteError && ['not-found', 'terminal-unknown', 'wrong-state'].includes(error.code))
    return;
  throw error;
}
