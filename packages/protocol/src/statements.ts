import { type Static, Type } from 'typebox';
import { PartyDetails } from './documents.ts';
import { Currency, Day, IntegerText, Sha256Hex, Token } from './schema.ts';

/**
 * What two companies tell each other about a day, so that their books can be compared event by event. A newer server may say
 * more than this one knows: that is kept, word for word as the rest, and compared with nothing.
 */

const ChainHead = Type.Object({ position: IntegerText, hash: Sha256Hex }, { additionalProperties: false });

/** One event. The amount is what the contractor owes the vendor for it, in thousandths of the smallest coin. */
export const StatementEvent = Type.Object({
  event: Type.String({ minLength: 1, maxLength: 200 }),
  on: Day,
  description: Type.String({ maxLength: 200 }),
  currency: Currency,
  amount: IntegerText,
});
export type StatementEventText = Static<typeof StatementEvent>;

export const StatementBody = Type.Object({
  issuer: Type.String({ maxLength: 60 }),
  counterparty: Type.String({ maxLength: 60 }),
  day: Day,
  part: Type.Integer({ minimum: 1, maximum: 10_000 }),
  parts: Type.Integer({ minimum: 1, maximum: 10_000 }),
  /** How the issuer is called in documents. */
  party: Type.Object({ name: Type.String({ maxLength: 200 }), ...PartyDetails.properties }),
  lines: Type.Array(StatementEvent, { maxItems: 5_000 }),
  /** Where the issuer's chain ended: the receiver keeps it as witness of the issuer's whole book. */
  head: ChainHead,
  /** The head that the issuer kept from the receiver's last statement. */
  witness: Type.Optional(ChainHead),
});
export type StatementBodyText = Static<typeof StatementBody>;

/** A statement and the issuer's signature over the SHA-256 of its canonical JSON. */
export const Statement = Type.Object({ body: StatementBody, token: Token }, { additionalProperties: false });
export type StatementText = Static<typeof Statement>;
