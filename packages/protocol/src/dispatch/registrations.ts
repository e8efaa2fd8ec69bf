import { Type } from 'typebox';
import { defineRoute } from '../route.ts';
import {
  Base64,
  type ConsentId,
  DurationMs,
  IdSchema,
  Instant,
  type MemberId,
  PointsMilli,
  type Pseudonym,
  PublicKey,
  type RegistrationId,
  type TerminalId,
  Token,
  type VendorId,
} from '../schema.ts';

export const PseudonymSchema = IdSchema<Pseudonym>('the member as this vendor knows it');

/** What the vendor forwards (steps 206, 506): a pseudonym and the terminal; name and contact stay with the vendor. */
export const registerMember = defineRoute({
  name: 'registerMember',
  method: 'PUT',
  path: '/v1/registrations/:registrationId',
  access: ['vendor'],
  summary: 'Register a member and its terminal (steps 206–208, 506–508). The reply is the confirmation.',
  params: Type.Object({ registrationId: IdSchema<RegistrationId>('registration, made by the vendor') }),
  body: Type.Object(
    {
      pseudonym: PseudonymSchema,
      product: Type.String({ minLength: 1, maxLength: 100 }),
      kind: Type.Union([Type.Literal('application'), Type.Literal('service')]),
      terminalName: Type.String({ minLength: 1, maxLength: 200 }),
      terminalKey: PublicKey,
      /** A `registrationProof` token signed by the terminal's key. */
      proof: Token,
    },
    { additionalProperties: false },
  ),
  reply: Type.Object({
    registrationId: IdSchema<RegistrationId>('registration'),
    memberId: IdSchema<MemberId>('member, as the contractor knows it'),
    terminalId: IdSchema<TerminalId>('terminal'),
    registeredAt: Instant,
  }),
});

export const endRegistration = defineRoute({
  name: 'endRegistration',
  method: 'DELETE',
  path: '/v1/registrations/:registrationId',
  access: ['vendor'],
  summary: 'End a registration: the terminal gets no more work for this product, its points stay.',
  params: Type.Object({ registrationId: IdSchema<RegistrationId>('registration') }),
  reply: Type.Object({ endedAt: Instant }),
});

export const requestChallenge = defineRoute({
  name: 'requestChallenge',
  method: 'POST',
  path: '/v1/terminal-challenges',
  access: ['public'],
  summary: 'A fresh challenge for a terminal, good for one minute and one session.',
  body: Type.Object(
    { terminalKeyThumbprint: Type.String({ minLength: 43, maxLength: 43 }) },
    { additionalProperties: false },
  ),
  reply: Type.Object({ challenge: Type.String(), expiresInMs: DurationMs }),
  idempotent: false,
});

export const openTerminalSession = defineRoute({
  name: 'openTerminalSession',
  method: 'POST',
  path: '/v1/terminal-sessions',
  access: ['public'],
  summary: 'A session for a registered terminal that signed its challenge.',
  /** A `challengeAnswer` token by the terminal's key with claims {sub: thumbprint, challenge, iat}. */
  body: Type.Object({ answer: Token }, { additionalProperties: false }),
  reply: Type.Object({
    session: Type.String(),
    terminalId: IdSchema<TerminalId>('terminal'),
    expiresInMs: DurationMs,
    /** What the terminal is for: a member's, or the contractor's own reference executor or decoy. Each of their programs refuses another's key. */
    role: Type.Optional(
      Type.Union([Type.Literal('member'), Type.Literal('reference'), Type.Literal('decoy')]),
    ),
  }),
});

/** Points of a member. `pending` are not final yet; `held` wait for a checkout; `available` can be spent. */
export const PointsBalance = Type.Object({
  pendingMilli: PointsMilli,
  availableMilli: PointsMilli,
  heldMilli: PointsMilli,
  spentMilli: PointsMilli,
  /** Served as evidence for a license of this member, and are never spent. */
  evidenceMilli: Type.Optional(PointsMilli),
  /** Taken back after they had been spent; what becomes final next settles this first. */
  debtMilli: Type.Optional(PointsMilli),
});

export const readTerminal = defineRoute({
  name: 'readTerminal',
  method: 'GET',
  path: '/v1/terminal',
  access: ['terminal'],
  summary: 'The terminal whose session this is: its registrations, consents and points.',
  reply: Type.Object({
    terminalId: IdSchema<TerminalId>('terminal'),
    state: Type.Union([Type.Literal('active'), Type.Literal('revoked')]),
    registrations: Type.Array(
      Type.Object({
        registrationId: IdSchema<RegistrationId>('registration'),
        vendorId: IdSchema<VendorId>('vendor'),
        product: Type.String(),
        kind: Type.Union([Type.Literal('application'), Type.Literal('service')]),
        consentAt: Type.Optional(Instant),
      }),
    ),
    points: PointsBalance,
    unitsAccepted: Type.Integer(),
  }),
});

export const recordConsent = defineRoute({
  name: 'recordConsent',
  method: 'PUT',
  path: '/v1/terminal/consents/:consentId',
  access: ['terminal'],
  summary: 'Record the member’s consent. Without it no unit is handed out.',
  params: Type.Object({ consentId: IdSchema<ConsentId>('consent, made by the terminal') }),
  body: Type.Object({ consent: Token }, { additionalProperties: false }),
  reply: Type.Object({ recordedAt: Instant }),
});

export const withdrawConsent = defineRoute({
  name: 'withdrawConsent',
  method: 'DELETE',
  path: '/v1/terminal/consents/:consentId',
  access: ['terminal'],
  summary: 'Withdraw a consent. What the terminal holds goes to others.',
  params: Type.Object({ consentId: IdSchema<ConsentId>('consent') }),
  reply: Type.Object({ withdrawnAt: Instant }),
});

export const readTerminalReceipt = defineRoute({
  name: 'readTerminalReceipt',
  method: 'GET',
  path: '/v1/terminal/receipt',
  access: ['terminal'],
  summary: 'The evidence of work of this terminal, for display.',
  reply: Type.Object({ receipt: Token }),
});

export const readReceipt = defineRoute({
  name: 'readReceipt',
  method: 'GET',
  path: '/v1/registrations/:registrationId/receipt',
  access: ['vendor'],
  summary: 'The evidence of work behind a license, signed, good for 15 minutes.',
  params: Type.Object({ registrationId: IdSchema<RegistrationId>('registration') }),
  reply: Type.Object({ receipt: Token }),
});

export const readContractorKey = defineRoute({
  name: 'readContractorKey',
  method: 'GET',
  path: '/v1/contractor',
  access: ['public'],
  summary: 'Who the contractor is: its name and the key that signs receipts and programs.',
  reply: Type.Object({
    name: Type.String(),
    publicKey: PublicKey,
    version: Type.String(),
    serverTime: Instant,
    banner: Type.Optional(Base64),
  }),
});
