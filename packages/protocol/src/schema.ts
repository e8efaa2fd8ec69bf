import { type Static, type TSchema, Type } from 'typebox';

/** Identifiers are branded, so that a job's cannot be passed where a member's is meant. All are UUIDs. */
export type Id<Brand extends string> = string & { readonly __brand: Brand };
export type JobId = Id<'job'>;
export type CustomerId = Id<'customer'>;
export type VendorId = Id<'vendor'>;
export type MemberId = Id<'member'>;
export type TerminalId = Id<'terminal'>;
export type RegistrationId = Id<'registration'>;
export type InvoiceId = Id<'invoice'>;
export type ClaimId = Id<'claim'>;
export type PaymentId = Id<'payment'>;
export type CreditLimitId = Id<'credit-limit'>;
export type CreditNoteId = Id<'credit-note'>;
export type VoidId = Id<'void'>;
export type HoldId = Id<'hold'>;
export type RefundId = Id<'refund'>;
export type OrderId = Id<'order'>;
export type LicenseId = Id<'license'>;
export type ConsentId = Id<'consent'>;
/** A member as one vendor knows it; another vendor has another pseudonym for the same person. */
export type Pseudonym = Id<'pseudonym'>;

const uuidPattern = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

export function IdSchema<T extends Id<string>>(description: string) {
  return Type.Unsafe<T>(Type.String({ pattern: uuidPattern, description }));
}

/** A SHA-256 in lower-case hexadecimal. */
export const Sha256Hex = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, lower-case hex' });

/** A whole number of any size, as text, because JSON numbers lose digits. Decoded with `BigInt`. */
export const IntegerText = Type.String({
  pattern: '^-?(0|[1-9][0-9]{0,38})$',
  description: 'whole number as text',
});

/** Fuel of one unit or a few: at most 2^53 − 1, so a JSON number holds it. Sums are `IntegerText`. */
export const Fuel = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const Instant = Type.String({ description: 'instant, ISO 8601 in UTC' });
/** A day in UTC. */
export const Day = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
  // A pattern does not know how long a month is.
  format: 'date',
  description: 'day, yyyy-mm-dd, UTC',
});
/** A month in UTC. */
export const Month = Type.String({
  pattern: '^[0-9]{4}-(0[1-9]|1[0-2])$',
  description: 'month, yyyy-mm, UTC',
});
export const DurationMs = Type.Integer({ minimum: 0, description: 'duration in milliseconds' });
export const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', description: 'bytes in base64' });
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 currency' });

/** Money in thousandths of the currency's minor unit (ISO 4217 exponent + 3 digits): 1 JPY is "1000". */
export const Money = Type.Object({ currency: Currency, amountMilli: IntegerText });
export type MoneyText = Static<typeof Money>;

/** Points in thousandths: one point is "1000" and is worth one yen of discount. */
export const PointsMilli = IntegerText;

/** An Ed25519 public key. */
export const PublicKey = Type.Object(
  {
    kty: Type.Literal('OKP'),
    crv: Type.Literal('Ed25519'),
    x: Type.String({ minLength: 43, maxLength: 43 }),
  },
  { additionalProperties: false },
);
export type PublicKeyText = Static<typeof PublicKey>;

/** A compact JWS; its `typ` is one of tokens.ts. */
export const Token = Type.String({
  maxLength: 8192,
  pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
});

/** Why something waits or was refused: a stable code, a sentence, and what to do about it. */
export const Reason = Type.Object({ code: Type.String(), sentence: Type.String(), remedy: Type.String() });
export type ReasonText = Static<typeof Reason>;

/** One page of a list; `next` is absent on the last one. */
export function Page<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String()) });
}

export const PageQuery = Type.Object({
  after: Type.Optional(Type.String({ description: 'cursor: `next` of the previous page' })),
  limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: 'rows a page, 1 to 999' })),
});
