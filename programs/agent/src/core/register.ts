import { parsePublicKey, thumbprint } from '@taika/crypto/keys';
import { signToken } from '@taika/crypto/token';
import { RemoteError } from '@taika/http/call';
import type { LicenseId, RegistrationId } from '@taika/protocol/schema';
import { type RegistrationProofClaims, tokenTypes } from '@taika/protocol/tokens';
import { listProducts, readVendorAbout } from '@taika/protocol/vendor/catalogue';
import {
  acknowledgeKey,
  type RegistrationText,
  readLicense,
  register,
} from '@taika/protocol/vendor/licenses';
import { uuidv7 } from '@taika/runtime/identifiers';
import { AgentError } from './agent-error.ts';
import type { Host } from './host.ts';
import { type RegistrationRecord, readRegistrations, writeRegistration } from './records.ts';
import { memberVendorCalls, publicVendorCalls } from './vendor-calls.ts';

export interface RegisterRequest {
  readonly vendorUrl: string;
  readonly product: string;
  readonly member: { readonly name: string; readonly contact: string };
}

export interface RegisterProgress {
  /** Called before each wait for the dispatch server's confirmation, with the reason for it. */
  readonly waiting?: (sentence: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A vendor that waits for the dispatch server is asked again at this pace, for so long. */
const askAgainMs = 1000;
const waitMsMax = 60_000;
/** The proof only has to live through the vendor's forwarding of it. */
const proofSeconds = 3600;

/**
 * Registers the member and this terminal (steps 204 to 210): the record is kept before the vendor is asked, so that a
 * repeated call after a crash goes on with the same registration. Throws an AgentError where the member must do something.
 */
export async function registerAtVendor(
  host: Host,
  request: RegisterRequest,
  progress: RegisterProgress = {},
): Promise<RegistrationRecord> {
  await followVendor(host, request, progress.signal);
  await dropForgotten(host, request, progress.signal);
  const draft = (await findUnfinished(host, request)) ?? (await createDraft(host, request, progress.signal));
  if (draft.state === 'acknowledged') return draft;
  await writeRegistration(host, draft);
  const { record, issued } = await takeUp(host, draft, progress);
  const { licenseId, licenseKey = record.licenseKey } = issued;
  if (licenseId === undefined || licenseKey === undefined) {
    throw new AgentError(
      'no-key',
      'The vendor has this registration, but its license key was sent before and is not here.',
      'Run `taika agent forget` and register again.',
    );
  }
  const stored: RegistrationRecord = { ...record, state: 'issued', licenseId, licenseKey };
  await writeRegistration(host, stored);
  const params = { registrationId: record.registrationId as RegistrationId };
  await memberVendorCalls(host, stored).call(acknowledgeKey, { params, signal: progress.signal });
  const done: RegistrationRecord = { ...stored, state: 'acknowledged' };
  await writeRegistration(host, done);
  return done;
}

/**
 * A vendor or its contractor may have moved: what a vendor of the same id and key says is where both are now. Whoever they
 * are stays proven by their keys: programs are believed only from the contractor of the first contact.
 */
async function followVendor(
  host: Host,
  request: RegisterRequest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const records = await readRegistrations(host.store);
  if (records.length === 0) return;
  const vendorUrl = trimmed(request.vendorUrl);
  const about = await publicVendorCalls(host, vendorUrl).call(readVendorAbout, { signal });
  const dispatchUrl = trimmed(about.dispatchUrl);
  for (const record of records) {
    const isSame = record.vendorId === about.vendorId && record.vendorKey.x === about.publicKey.x;
    const hasMoved = record.vendorUrl !== vendorUrl || record.dispatchUrl !== dispatchUrl;
    if (isSame && hasMoved) await writeRegistration(host, { ...record, vendorUrl, dispatchUrl });
  }
}

/** A registration that the vendor has ended is over here too, so that this call makes a new one. Only the vendor's own words count. */
async function dropForgotten(
  host: Host,
  request: RegisterRequest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const known = await findUnfinished(host, request);
  if (known?.state !== 'acknowledged' || known.licenseId === undefined) return;
  const params = { licenseId: known.licenseId as LicenseId };
  const isForgotten = await memberVendorCalls(host, known)
    .call(readLicense, { params, signal })
    .then(
      ({ state }) => state === 'ended',
      (error: unknown) => error instanceof RemoteError && forgottenCodes.has(error.code),
    );
  if (isForgotten) await writeRegistration(host, { ...known, state: 'ended' });
}

const forgottenCodes: ReadonlySet<string> = new Set(['not-found', 'terminal-unknown']);

async function findUnfinished(host: Host, { vendorUrl, product }: RegisterRequest) {
  const known = await readRegistrations(host.store);
  return known.find((record) => record.product === product && record.vendorUrl === trimmed(vendorUrl));
}

async function createDraft(
  host: Host,
  request: RegisterRequest,
  signal: AbortSignal | undefined,
): Promise<RegistrationRecord> {
  const calls = publicVendorCalls(host, trimmed(request.vendorUrl));
  const about = await calls.call(readVendorAbout, { signal });
  const { items } = await calls.call(listProducts, { signal });
  const product = items.find((item) => item.product === request.product);
  if (product === undefined) {
    const names = items.map((item) => item.product).join(', ') || 'none';
    throw new AgentError(
      'no-such-product',
      `${about.name} has no product "${request.product}".`,
      `Choose one of: ${names}.`,
    );
  }
  const others = await readRegistrations(host.store);
  if (others.some(({ dispatchUrl }) => dispatchUrl !== about.dispatchUrl)) {
    throw new AgentError(
      'another-contractor',
      `${about.name} works with another contractor than the one that this agent computes for.`,
      'Use an agent of its own for it: `--home DIR`.',
    );
  }
  return {
    registrationId: uuidv7(host.clock.now(), host.random),
    vendorUrl: trimmed(request.vendorUrl),
    vendorId: about.vendorId,
    vendorName: about.name,
    vendorKey: parsePublicKey(about.publicKey),
    contractorName: about.contractorName,
    dispatchUrl: trimmed(about.dispatchUrl),
    product: product.product,
    kind: product.kind,
    title: product.title,
    cashPrice: product.cashPrice,
    member: request.member,
    state: 'requested',
  };
}

/** An agent that lost its notes is told by the vendor under which registration this terminal goes, and goes on with that. */
async function takeUp(host: Host, record: RegistrationRecord, progress: RegisterProgress) {
  try {
    return { record, issued: await requestKey(host, record, progress) };
  } catch (error) {
    const known =
      error instanceof RemoteError && error.code === 'conflict' ? error.problem.registrationId : undefined;
    if (typeof known !== 'string' || known === record.registrationId) throw error;
    const found: RegistrationRecord = { ...record, registrationId: known };
    const issued = await requestKey(host, found, progress);
    await writeRegistration(host, { ...record, state: 'ended' });
    await writeRegistration(host, found);
    return { record: found, issued };
  }
}

/** Asks until the dispatch server has confirmed and the key is there. */
async function requestKey(
  host: Host,
  record: RegistrationRecord,
  { waiting, signal }: RegisterProgress,
): Promise<RegistrationText> {
  const calls = publicVendorCalls(host, record.vendorUrl);
  const params = { registrationId: record.registrationId as RegistrationId };
  const endAtMs = host.clock.monotonicMs() + waitMsMax;
  for (;;) {
    const body = await requestBody(host, record);
    const reply = await calls.call(register, { params, body, signal }).catch((error) => {
      if (error instanceof RemoteError && error.code === 'registration-pending') return undefined;
      throw error;
    });
    if (reply?.state === 'issued' || reply?.state === 'acknowledged') return reply;
    const sentence = reply?.reason?.sentence ?? 'The dispatch server has not confirmed the registration yet.';
    if (host.clock.monotonicMs() > endAtMs) {
      throw new AgentError(
        'registration-pending',
        sentence,
        'Run the same command again later: it goes on from here.',
      );
    }
    waiting?.(sentence);
    await host.clock.sleep(askAgainMs * (0.75 + 0.5 * host.random.fraction()), signal);
  }
}

async function requestBody(host: Host, { registrationId, vendorId, product, member }: RegistrationRecord) {
  const { publicKey, privateKey } = host.terminal;
  const nowSeconds = Math.floor(host.clock.now().getTime() / 1000);
  const claims: RegistrationProofClaims = {
    sub: await thumbprint(publicKey),
    aud: vendorId,
    registration: registrationId,
    product,
    iat: nowSeconds,
    exp: nowSeconds + proofSeconds,
  };
  const proof = await signToken(claims, { type: tokenTypes.registrationProof, key: privateKey });
  const { kty, crv, x } = publicKey;
  return { product, ...member, terminalName: host.terminalName, terminalKey: { kty, crv, x }, proof };
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
