import { type Static, Type } from 'typebox';
import { Day, IntegerText, PageQuery } from './schema.ts';

/** The forms in which a document is given. */
export const DocumentFormat = Type.Union([
  Type.Literal('pdf'),
  Type.Literal('xml'),
  Type.Literal('csv'),
  Type.Literal('json'),
]);
export type DocumentFormatText = Static<typeof DocumentFormat>;

/** In which language labels are. Default: what `Accept-Language` prefers, else English. */
export const LanguageQuery = Type.Object({
  lang: Type.Optional(Type.Union([Type.Literal('ja'), Type.Literal('en')])),
});

/** How documents are found. Days and amounts are both included; amounts are totals with tax. */
export const DocumentQuery = Type.Object({
  ...PageQuery.properties,
  from: Type.Optional(Day),
  to: Type.Optional(Day),
  amountFrom: Type.Optional(IntegerText),
  amountTo: Type.Optional(IntegerText),
  counterparty: Type.Optional(Type.String({ maxLength: 200, description: 'part of the name, or the id' })),
  number: Type.Optional(Type.String({ maxLength: 40, description: 'as it is printed' })),
});

/** What documents say of a party beside its name. */
export const PartyDetails = Type.Object(
  {
    address: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    registrationNumber: Type.Optional(
      Type.String({ pattern: '^T[0-9]{13}$', description: 'of an issuer of qualified invoices in Japan' }),
    ),
    country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2' })),
  },
  { additionalProperties: false },
);
export type PartyDetailsText = Static<typeof PartyDetails>;
