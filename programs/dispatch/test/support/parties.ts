import assert from 'node:assert/strict';
import { generateKeyPair, type KeyPair, thumbprint } from '@taika/crypto/keys';
import { signRequest } from '@taika/crypto/signed-request';
import { signToken } from '@taika/crypto/token';
import { type Caller, createCaller, RemoteError } from '@taika/http/call';
import { addCustomer, addVendor } from '@taika/protocol/dispatch/parties';
import {
  openTerminalSession,
  recordConsent,
  registerMember,
  requestChallenge,
} from '@taika/protocol/dispatch/registrations';
import type {
  ConsentId,
  CustomerId,
  MemberId,
  Pseudonym,
  RegistrationId,
  TerminalId,
  VendorId,
} from '@taika/protocol/schema';
import { type ConsentClaims, tokenTypes } from '@taika/protocol/tokens';
import { systemClock } from '@taika/runtime/clock';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';

/** A new id of any brand. */
export function newId<T extends string>(): T {
  return uuidv7(new Date(), systemRandom) as T;
}

/** Calls a server without retries, so that a test sees the first answer. */
export function callerWith(
  baseUrl: string,
  authorize?: NonNullable<Parameters<typeof createCaller>[0]['authorize']>,
): Caller {
  return createCaller({
    baseUrl,
    clock: systemClock,
    random: systemRandom,
    attemptsMax: 1,
    ...(authorize === undefined ? {} : { authorize }),
  });
}

/** Calls with a bearer. */
export function bearer(baseUrl: string, token: string): Caller {
  return callerWith(baseUrl, () => ({ authorization: `Bearer ${token}` }));
}

export interface TestCustomer {
  readonly customerId: CustomerId;
  readonly key: string;
  readonly caller: Caller;
}

/** Enrols a customer; it may owe a billion yen unless a test is about that. */
export async function enrolCustomer(
  url: string,
  operator: Caller,
  name = 'Customer',
  { creditMilli = 10n ** 12n, currency = 'JPY' } = {},
): Promise<TestCustomer> {
  const customerId = newId<CustomerId>();
  const creditLimit = { currency, amountMilli: String(creditMilli) };
  const { key } = await operator.call(addCustomer, { params: { customerId }, body: { name, creditLimit } });
  assert.ok(key, 'A new customer gets a key.');
  return { customerId, key, caller: bearer(url, key) };
}

export interface TestVendor {
  readonly vendorId: VendorId;
  readonly keyPair: KeyPair;
  readonly caller: Caller;
  /** The value of an `Authorization` header for one request. */
  sign(request: { method: string; path: string; body?: string | undefined }): Promise<string>;
}

/** Enrols a vendor. Default fee: 300 coins a license-month. */
export async function enrolVendor(
  url: string,
  operator: Caller,
  {
    kind = 'per-license-month' as 'per-registration' | 'per-license-month',
    feeMilli = '300000',
    currency = 'JPY',
  } = {},
): Promise<TestVendor> {
  const vendorId = newId<VendorId>();
  const keyPair = await generateKeyPair();
  const { kty, crv, x } = keyPair.publicKey;
  await operator.call(addVendor, {
    params: { vendorId },
    body: {
      name: 'Vendor',
      publicKey: { kty, crv, x },
      licenseFee: { kind, fee: { currency, amountMilli: feeMilli } },
    },
  });
  const sign: TestVendor['sign'] = ({ method, path, body }) =>
    signRequest({
      method,
      path,
      body,
      issuer: vendorId,
      key: keyPair.privateKey,
      now: new Date(),
      random: systemRandom,
    });
  const caller = callerWith(url, async (request) => ({ authorization: await sign(request) }));
  return { vendorId, keyPair, caller, sign };
}

export interface TestTerminal {
  readonly keyPair: KeyPair;
  readonly thumbprint: string;
  readonly registrationId: RegistrationId;
  readonly pseudonym: Pseudonym;
  readonly memberId: MemberId;
  readonly terminalId: TerminalId;
}

/** What a test may choose about a registration. */
export interface RegistrationChoice {
  readonly keyPair?: KeyPair;
  readonly pseudonym?: Pseudonym;
  readonly product?: string;
  readonly kind?: 'application' | 'service';
}

/** Registers a terminal at a vendor: steps 204 to 208 as the dispatch server sees them. */
export async function registerTerminal(
  vendor: TestVendor,
  {
    keyPair: known,
    pseudonym = newId<Pseudonym>(),
    product = 'editor',
    kind = 'application',
  }: RegistrationChoice = {},
): Promise<TestTerminal> {
  const keyPair = known ?? (await generateKeyPair());
  const name = await thumbprint(keyPair.publicKey);
  const registrationId = newId<RegistrationId>();
  const { kty, crv, x } = keyPair.publicKey;
  const reply = await vendor.caller.call(registerMember, {
    params: { registrationId },
    body: {
      pseudonym,
      product,
      kind,
      terminalName: 'Laptop',
      terminalKey: { kty, crv, x },
      proof: await proveRegistration(keyPair, { vendorId: vendor.vendorId, registrationId, product }),
    },
  });
  return {
    keyPair,
    thumbprint: name,
    registrationId,
    pseudonym,
    memberId: reply.memberId,
    terminalId: reply.terminalId,
  };
}

/** A registration proof, signed by the terminal's key. */
export async function proveRegistration(
  keyPair: KeyPair,
  { vendorId, registrationId, product }: { vendorId: string; registrationId: string; product: string },
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const sub = await thumbprint(keyPair.publicKey);
  const claims = { sub, aud: vendorId, registration: registrationId, product, iat, exp: iat + 300 };
  return signToken(claims, { type: tokenTypes.registrationProof, key: keyPair.privateKey });
}

/** Opens a session by a challenge. */
export async function openSession(
  url: string,
  { keyPair, thumbprint: sub }: Pick<TestTerminal, 'keyPair' | 'thumbprint'>,
): Promise<string> {
  const anybody = callerWith(url);
  const { challenge } = await anybody.call(requestChallenge, { body: { terminalKeyThumbprint: sub } });
  const answer = await signToken(
    { sub, challenge, iat: Math.floor(Date.now() / 1000) },
    { type: tokenTypes.challengeAnswer, key: keyPair.privateKey },
  );
  return (await anybody.call(openTerminalSession, { body: { answer } })).session;
}

/** A consent, signed by the terminal. */
export function signConsent(
  terminal: Pick<TestTerminal, 'keyPair' | 'thumbprint'>,
  consentId: string,
  { vendorId, product = 'editor' }: { vendorId: string; product?: string },
  choice: Partial<ConsentClaims> = {},
): Promise<string> {
  const claims = {
    sub: terminal.thumbprint,
    jti: consentId,
    product,
    vendor: vendorId,
    textVersion: '2026-11',
    textSha256: 'a'.repeat(64),
    locale: 'en',
    limits: { cores: 2, memoryMiB: 512 },
    iat: Math.floor(Date.now() / 1000),
    ...choice,
  };
  return signToken(claims, { type: tokenTypes.consent, key: terminal.keyPair.privateKey });
}

/** Records a consent of this terminal. */
export async function giveConsent(
  session: Caller,
  terminal: Pick<TestTerminal, 'keyPair' | 'thumbprint'>,
  vendor: { readonly vendorId: string; readonly product?: string },
  choice: Partial<ConsentClaims> = {},
): Promise<ConsentId> {
  const consentId = newId<ConsentId>();
  const consent = await signConsent(terminal, consentId, vendor, choice);
  await session.call(recordConsent, { params: { consentId }, body: { consent } });
  return consentId;
}

/** A member's signed yes to an order. */
export function confirmOrder(
  terminal: Pick<TestTerminal, 'keyPair' | 'thumbprint'>,
  order: { vendorId: string; orderId: string; pointsMilli: string; priceMilli?: string; currency?: string },
  { validForSeconds = 300, signedAt = new Date() } = {},
): Promise<string> {
  const iat = Math.floor(signedAt.getTime() / 1000);
  const claims = {
    sub: terminal.thumbprint,
    aud: order.vendorId,
    order: order.orderId,
    pointsMilli: order.pointsMilli,
    priceMilli: order.priceMilli ?? '999999999',
    currency: order.currency ?? 'JPY',
    iat,
    exp: iat + validForSeconds,
  };
  return signToken(claims, { type: tokenTypes.orderConfirmation, key: terminal.keyPair.privateKey });
}

/** The refusal that a call must meet. */
export async function refusalOf(call: Promise<unknown>): Promise<RemoteError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof RemoteError, String(error));
    return error;
  }
  throw new Error('The call was not refused.');
}
