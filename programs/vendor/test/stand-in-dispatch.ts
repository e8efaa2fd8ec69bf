/**
 * A contractor's server as far as a vendor sees it, in memory but over real HTTP and with real signatures, so that a test
 * can make it refuse, forget to answer, or die at a chosen moment. The real one is used in dispatch-integration.test.ts.
 */
import { canonicalJson } from '@taika/crypto/canonical-json';
import { generateKeyPair } from '@taika/crypto/keys';
import { sha256HexSync } from '@taika/crypto/node-digest';
import { createReplayGuard } from '@taika/crypto/replay-guard';
import { verifyRequest } from '@taika/crypto/signed-request';
import { signToken } from '@taika/crypto/token';
import { ApiError } from '@taika/http/api-error';
import { createRouter } from '@taika/http/declare-route';
import { listen } from '@taika/http/listen';
import { createHttpServer } from '@taika/http/server';
import {
  capturePoints,
  claimLicenseFee,
  holdPoints,
  readMemberPoints,
  refundPoints,
  releasePoints,
} from '@taika/protocol/dispatch/money';
import { readVendor } from '@taika/protocol/dispatch/parties';
import {
  endRegistration,
  readContractorKey,
  readReceipt,
  registerMember,
} from '@taika/protocol/dispatch/registrations';
import type { ErrorCode } from '@taika/protocol/errors';
import type {
  HoldId,
  MemberId,
  MoneyText,
  PublicKeyText,
  TerminalId,
  VendorId,
} from '@taika/protocol/schema';
import { type ReceiptClaims, tokenTypes } from '@taika/protocol/tokens';
import type { Clock } from '@taika/runtime/clock';
import { silentLogger } from '@taika/runtime/logger';

export interface StandInDispatch extends AsyncDisposable {
  readonly url: string;
  /** What the vendor forwarded, by registration id; the bodies as they came. */
  readonly registrations: Map<string, Record<string, unknown>>;
  readonly ended: Set<string>;
  readonly holds: Map<string, { state: string; points: bigint; pseudonym: string; orderId?: string }>;
  /** Points given back, by refund id. */
  readonly refunds: Map<string, { orderId: string; points: bigint }>;
  readonly claims: Map<string, { registrationId: string; month?: string; hours?: string }>;
  /** Names of the routes called, in order. */
  readonly calls: string[];
  /** Points that each member has to spend; held points are taken off. */
  points: bigint;
  /** What points that are given back are worth is in this. */
  refundCurrency: string;
  evidence: Partial<ReceiptClaims>;
  /** Registrations whose terminal is revoked; whether it may still be let in again, or nothing where the server is of before. */
  readonly revoked: Map<string, { mayReturn?: boolean }>;
  /** The last receipt that was given out; while it is set a replayed one is given in place of a new one. */
  lastReceipt: string | undefined;
  replayed: string | undefined;
  contract: { kind: 'per-registration' | 'per-license-month'; fee: MoneyText };
  productFees: ({ product: string } & StandInDispatch['contract'])[];
  /** The hours that this side counts; those of the claim unless set. */
  hours: string | undefined;
  refuseClaims: boolean;
  /** The next calls of these routes fail so: before anything is done, or after it (the answer is lost). */
  readonly failures: { route: string; code: ErrorCode; when: 'before' | 'after' }[];
  knowVendor(vendorId: string, publicKey: PublicKeyText): void;
}

export async function startStandInDispatch(clock: Clock, port = 0): Promise<StandInDispatch> {
  const key = await generateKeyPair();
  const vendors = new Map<string, PublicKeyText>();
  const replays = createReplayGuard(() => clock.now());
  const app = createHttpServer({
    name: 'stand-in',
    log: silentLogger,
    bodyBytesMax: 1e6,
    openapi: { title: 'stand-in', version: '0' },
    readiness: async () => {},
  });
  const self: Omit<StandInDispatch, 'url' | typeof Symbol.asyncDispose> = {
    registrations: new Map(),
    ended: new Set(),
    holds: new Map(),
    refunds: new Map(),
    claims: new Map(),
    calls: [],
    points: 0n,
    refundCurrency: 'JPY',
    evidence: { state: 'computing', pointsCommitted: '500', pointsFinal: '1500', pointsForfeited: '0' },
    revoked: new Map(),
    lastReceipt: undefined,
    replayed: undefined,
    contract: { kind: 'per-registration', fee: { currency: 'JPY', amountMilli: '120000' } },
    productFees: [],
    hours: undefined,
    refuseClaims: false,
    failures: [],
    knowVendor: (vendorId, publicKey) => vendors.set(vendorId, publicKey),
  };
  const fail = (route: string, when: 'before' | 'after') => {
    const index = self.failures.findIndex((failure) => failure.route === route && failure.when === when);
    const [failure] = index < 0 ? [] : self.failures.splice(index, 1);
    if (failure !== undefined) {
      throw new ApiError(failure.code, `made to fail ${when}`);
    }
  };
  const declare = createRouter<{ vendorId: string }>(app, async (request, route, rawBody) => {
    if (route.access.includes('public')) {
      return { vendorId: '' };
    }
    const { issuer } = await verifyRequest({
      method: request.method,
      path: request.raw.url ?? '',
      body: rawBody,
      authorization: request.headers.authorization,
      findKey: (id) => vendors.get(id),
      useOnce: replays.useOnce,
      now: clock.now(),
    });
    self.calls.push(route.name);
    fail(route.name, 'before');
    return { vendorId: issuer };
  });

  declare(readContractorKey, () => ({
    name: 'Stand-in contractor',
    publicKey: { kty: 'OKP' as const, crv: 'Ed25519' as const, x: key.publicKey.x },
    version: '0',
    serverTime: clock.now(),
  }));

  declare(registerMember, ({ params, body }) => {
    const known = self.registrations.get(params.registrationId);
    if (known !== undefined && known.pseudonym !== body.pseudonym) {
      throw new ApiError('idempotency-conflict');
    }
    self.registrations.set(params.registrationId, { ...body });
    fail('registerMember', 'after');
    return {
      registrationId: params.registrationId,
      memberId: body.pseudonym as unknown as MemberId,
      terminalId: params.registrationId as unknown as TerminalId,
      registeredAt: clock.now(),
    };
  });

  declare(endRegistration, ({ params }) => {
    if (!self.registrations.has(params.registrationId)) {
      throw new ApiError('not-found');
    }
    self.ended.add(params.registrationId);
    return { endedAt: clock.now() };
  });

  declare(readReceipt, async ({ params, caller }) => {
    if (self.replayed !== undefined) {
      return { receipt: self.replayed };
    }
    const revoked = self.revoked.get(params.registrationId);
    if (revoked !== undefined) {
      throw new ApiError('terminal-revoked', undefined, { extra: revoked });
    }
    const iat = Math.floor(clock.now().getTime() / 1000);
    const claims = {
      iss: 'Stand-in contractor',
      sub: params.registrationId,
      aud: caller.vendorId,
      pointsCommitted: '0',
      pointsFinal: '0',
      pointsForfeited: '0',
      state: 'computing',
      iat,
      exp: iat + 900,
      ...self.evidence,
    };
    self.lastReceipt = await signToken(claims, { type: tokenTypes.receipt, key: key.privateKey });
    return { receipt: self.lastReceipt };
  });

  declare(readVendor, ({ caller }) => ({
    vendorId: caller.vendorId as VendorId,
    name: 'vendor',
    publicKey: vendors.get(caller.vendorId) as PublicKeyText,
    licenseFee: self.contract,
    productFees: self.productFees,
    createdAt: clock.now(),
  }));

  const heldOf = (pseudonym: string) =>
    [...self.holds.values()]
      .filter((hold) => hold.state === 'held' && hold.pseudonym === pseudonym)
      .reduce((sum, { points }) => sum + points, 0n);
  const spentOf = (pseudonym: string) =>
    [...self.holds.values()]
      .filter((hold) => hold.state === 'captured' && hold.pseudonym === pseudonym)
      .reduce((sum, { points }) => sum + points, 0n);

  declare(readMemberPoints, ({ params: { pseudonym } }) => ({
    pendingMilli: 0n,
    availableMilli: self.points - heldOf(pseudonym) - spentOf(pseudonym),
    heldMilli: heldOf(pseudonym),
    spentMilli: spentOf(pseudonym),
  }));

  const holdText = (holdId: HoldId) => {
    const hold = self.holds.get(holdId);
    if (hold === undefined) {
      throw new ApiError('not-found');
    }
    return {
      holdId,
      state: hold.state as 'held',
      pointsMilli: hold.points,
      capturedMilli: hold.state === 'captured' ? hold.points : 0n,
      worth: { currency: 'JPY', amountMilli: hold.points },
      expiresAt: new Date(clock.now().getTime() + 30 * 86_400_000),
    };
  };

  declare(holdPoints, ({ params: { holdId }, body }) => {
    if (!self.holds.has(holdId)) {
      const points = BigInt(body.pointsMilli);
      if (self.points - heldOf(body.pseudonym) - spentOf(body.pseudonym) < points) {
        throw new ApiError('points-short');
      }
      self.holds.set(holdId, { state: 'held', points, ...body });
    }
    fail('holdPoints', 'after');
    return holdText(holdId);
  });

  declare(capturePoints, ({ params: { holdId } }) => {
    const hold = self.holds.get(holdId);
    if (hold?.state === 'released' || hold?.state === 'expired') {
      throw new ApiError('wrong-state', `The hold is ${hold.state}.`);
    }
    if (hold !== undefined) {
      hold.state = 'captured';
    }
    fail('capturePoints', 'after');
    return holdText(holdId);
  });

  declare(releasePoints, ({ params: { holdId } }) => {
    const hold = self.holds.get(holdId);
    if (hold?.state === 'captured') {
      throw new ApiError('wrong-state', 'The hold is captured.');
    }
    if (hold !== undefined) {
      hold.state = 'released';
    }
    fail('releasePoints', 'after');
    return holdText(holdId);
  });

  const refundedOf = (orderId: string) =>
    [...self.refunds.values()]
      .filter((refund) => refund.orderId === orderId)
      .reduce((sum, { points }) => sum + points, 0n);

  declare(refundPoints, ({ params: { refundId }, body: { orderId, pointsMilli } }) => {
    const points = BigInt(pointsMilli);
    const hold = [...self.holds.values()].find((each) => each.orderId === orderId);
    if (hold?.state !== 'captured') {
      throw new ApiError('not-found', 'No points were spent on an order with this id.');
    }
    if (!self.refunds.has(refundId)) {
      if (refundedOf(orderId) + points > hold.points) {
        throw new ApiError('wrong-state', 'More points than were spent.');
      }
      self.refunds.set(refundId, { orderId, points });
    }
    fail('refundPoints', 'after');
    return {
      refundId,
      orderId,
      pointsMilli: points,
      debtMilli: 0n,
      worth: { currency: self.refundCurrency, amountMilli: points },
      refundedMilli: refundedOf(orderId),
      refundedAt: clock.now(),
    };
  });

  declare(claimLicenseFee, ({ params: { claimId }, body, caller }) => {
    self.claims.set(claimId, body);
    fail('claimLicenseFee', 'after');
    const { registrationId, month, hours } = body;
    const evidence =
      month === undefined || hours === undefined
        ? undefined
        : { registrationId, product: 'editor', month, hours: self.hours ?? hours, pointsMilli: '5' };
    return {
      claimId,
      vendorId: caller.vendorId as VendorId,
      kind: 'license-fee' as const,
      registrationId,
      ...(month === undefined ? {} : { month }),
      ...(evidence === undefined ? {} : { evidence, evidenceSha256: sha256HexSync(canonicalJson(evidence)) }),
      amount: self.contract.fee,
      state: self.refuseClaims ? ('refused' as const) : ('accrued' as const),
      ...(self.refuseClaims
        ? { reason: { code: 'no-evidence', sentence: 'No work was done for it.', remedy: 'Nothing to do.' } }
        : {}),
      acceptedAt: clock.now(),
    };
  });

  const { url } = await listen(app, { port });
  return Object.assign(self, { url, [Symbol.asyncDispose]: async () => void (await app.close()) });
}
