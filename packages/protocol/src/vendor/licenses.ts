import { type Static, Type } from 'typebox';
import { defineRoute } from '../route.ts';
import {
  DurationMs,
  IdSchema,
  Instant,
  type LicenseId,
  Page,
  PageQuery,
  type Pseudonym,
  PublicKey,
  Reason,
  type RegistrationId,
  Token,
} from '../schema.ts';
import { ProductKind, ProductName } from './catalogue.ts';

const RegistrationParams = Type.Object({
  registrationId: IdSchema<RegistrationId>('registration, made by the agent'),
});

/** requested → registered (the dispatch server confirmed) → issued (the key was sent) → acknowledged; or ended. */
export const RegistrationState = Type.Union([
  Type.Literal('requested'),
  Type.Literal('registered'),
  Type.Literal('issued'),
  Type.Literal('acknowledged'),
  Type.Literal('ended'),
]);

export const Registration = Type.Object({
  registrationId: IdSchema<RegistrationId>('registration'),
  product: ProductName,
  kind: ProductKind,
  state: RegistrationState,
  pseudonym: IdSchema<Pseudonym>('the member at this vendor'),
  licenseId: Type.Optional(IdSchema<LicenseId>('license')),
  /** The activation text, only in replies to the terminal itself and only until it acknowledged it. */
  licenseKey: Type.Optional(Type.String()),
  /** The key's last five symbols, to tell keys apart. */
  licenseKeyHint: Type.Optional(Type.String()),
  /** Why it is not `issued` yet. */
  reason: Type.Optional(Reason),
});
export type RegistrationText = Static<typeof Registration>;

export const register = defineRoute({
  name: 'register',
  method: 'PUT',
  path: '/v1/registrations/:registrationId',
  access: ['public'],
  summary:
    'Register a member and its terminal (steps 204–209, 504–509). The license key comes only after the dispatch server confirmed; a repeated call goes on where it stopped.',
  params: RegistrationParams,
  body: Type.Object(
    {
      product: ProductName,
      name: Type.String({ minLength: 1, maxLength: 200, description: 'the member’s name' }),
      contact: Type.String({
        minLength: 3,
        maxLength: 320,
        description: 'an e-mail address or another way to reach the member',
      }),
      terminalName: Type.String({ minLength: 1, maxLength: 200 }),
      terminalKey: PublicKey,
      /** `registrationProof` token by the terminal's key; forwarded to the dispatch server. */
      proof: Token,
    },
    { additionalProperties: false },
  ),
  reply: Registration,
});

export const acknowledgeKey = defineRoute({
  name: 'acknowledgeKey',
  method: 'POST',
  path: '/v1/registrations/:registrationId/acknowledge',
  access: ['member'],
  summary: 'The agent stored the license key (step 210); it is never sent again.',
  params: RegistrationParams,
  reply: Registration,
});

export const activate = defineRoute({
  name: 'activate',
  method: 'POST',
  path: '/v1/activations',
  access: ['member'],
  summary: 'Bind a license to this terminal by its license key, up to the product’s number of devices.',
  body: Type.Object({ licenseKey: Type.String({ maxLength: 100 }) }, { additionalProperties: false }),
  reply: Type.Object({
    licenseId: IdSchema<LicenseId>('license'),
    product: ProductName,
    devices: Type.Integer(),
    devicesMax: Type.Integer(),
  }),
});

/** A license as its member sees it. */
export const LicenseView = Type.Object({
  licenseId: IdSchema<LicenseId>('license'),
  product: ProductName,
  state: Type.Union([
    Type.Literal('licensed'),
    Type.Literal('not-computing'),
    Type.Literal('suspended'),
    Type.Literal('revoked'),
    Type.Literal('ended'),
  ]),
  reason: Type.Optional(Reason),
  evidence: Type.Object({
    pointsCommittedMilli: Type.String(),
    pointsFinalMilli: Type.String(),
    pointsForfeitedMilli: Type.String(),
  }),
  offlineUntil: Type.Optional(Instant),
  /** The latest changes of its state, the oldest first; where one license is read. */
  history: Type.Optional(
    Type.Array(
      Type.Object({
        at: Instant,
        from: Type.String(),
        to: Type.String(),
        reason: Type.Optional(Reason),
      }),
    ),
  ),
});
export type LicenseViewText = Static<typeof LicenseView>;

export const requestGrant = defineRoute({
  name: 'requestGrant',
  method: 'POST',
  path: '/v1/licenses/:licenseId/grants',
  access: ['member'],
  summary:
    'A fresh grant for this terminal, while the dispatch server confirms its work or that there was none to do.',
  params: Type.Object({ licenseId: IdSchema<LicenseId>('license') }),
  reply: Type.Object({ grant: Token, refreshAfterMs: DurationMs, license: LicenseView }),
});

export const readLicense = defineRoute({
  name: 'readLicense',
  method: 'GET',
  path: '/v1/licenses/:licenseId',
  access: ['member'],
  summary: 'A license of this terminal, with the evidence behind it.',
  params: Type.Object({ licenseId: IdSchema<LicenseId>('license') }),
  reply: LicenseView,
});

export const forgetMember = defineRoute({
  name: 'forgetMember',
  method: 'DELETE',
  path: '/v1/registrations/:registrationId',
  access: ['member'],
  summary: 'End the registration: the license ends, name and contact are deleted, documents stay.',
  params: RegistrationParams,
  reply: Registration,
});

export const VendorMember = Type.Object({
  pseudonym: IdSchema<Pseudonym>('member'),
  name: Type.String(),
  contact: Type.String(),
  registrations: Type.Array(Registration),
  registeredAt: Instant,
});

export const listMembers = defineRoute({
  name: 'listMembers',
  method: 'GET',
  path: '/v1/members',
  access: ['operator'],
  summary: 'The vendor’s user database.',
  query: PageQuery,
  reply: Page(VendorMember),
});
