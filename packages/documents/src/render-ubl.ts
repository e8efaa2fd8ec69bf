import { type Currency, formatMoney } from '@taika/ledger/money';
import { create } from 'xmlbuilder2';
import { type DocumentLine, type Invoice, isCreditNote, type Party } from './document.ts';
import { lineShares } from './line-shares.ts';
import { percentText } from './text.ts';

/**
 * An invoice as UBL 2.1 in the form of JP PINT (Peppol's international model for Japan). Amounts are whole coins; a line is one
 * piece at its own amount, because its price by fuel would have more decimals than a coin, and says units, fuel and
 * price as attributes of its item.
 */
export function renderUbl(invoice: Invoice): string {
  const isCredit = isCreditNote(invoice);
  const root = isCredit ? 'CreditNote' : 'Invoice';
  const shares = lineShares(invoice);
  const content = {
    '@xmlns': `urn:oasis:names:specification:ubl:schema:xsd:${root}-2`,
    '@xmlns:cac': 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2',
    '@xmlns:cbc': 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2',
    ...head(invoice),
    'cac:AccountingSupplierParty': party(invoice.seller),
    'cac:AccountingCustomerParty': party(invoice.buyer),
    'cac:PaymentTerms': { 'cbc:Note': paymentTerms(invoice) },
    'cac:TaxTotal': taxTotal(invoice),
    'cac:LegalMonetaryTotal': totals(invoice),
    [`cac:${root}Line`]: invoice.lines.map((line, index) =>
      lineOf(line, { index, share: shares[index] ?? 0n, currency: invoice.currency, isCredit }),
    ),
  };
  return `${create(declaration, { [root]: content }).end({ prettyPrint: true })}\n`;
}

/** A name may hold a character that XML cannot; a reader then sees that something was there. */
const declaration = { version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '\uFFFD' } as const;

/** Identifiers of the specification by kind: ordinary and self-billed ones differ. */
const specifications = {
  invoice: {
    customization: 'urn:peppol:pint:billing-1@jp-1',
    profile: 'urn:peppol:bis:billing',
    type: '380',
  },
  'credit-note': {
    customization: 'urn:peppol:pint:billing-1@jp-1',
    profile: 'urn:peppol:bis:billing',
    type: '381',
  },
  'self-billed-claim': {
    customization: 'urn:peppol:pint:selfbilling-1@jp-1',
    profile: 'urn:peppol:bis:selfbilling',
    type: '389',
  },
  'self-billed-credit-note': {
    customization: 'urn:peppol:pint:selfbilling-1@jp-1',
    profile: 'urn:peppol:bis:selfbilling',
    type: '261',
  },
} as const;

/** Up to the parties, in the order of the schema. */
function head({ kind, number, issuedOn, dueOn, currency, period, corrects }: Invoice) {
  const { customization, profile, type } = specifications[kind];
  return {
    'cbc:CustomizationID': customization,
    'cbc:ProfileID': profile,
    'cbc:ID': number,
    'cbc:IssueDate': issuedOn,
    ...(isCreditNote({ kind })
      ? { 'cbc:CreditNoteTypeCode': type }
      : { ...(dueOn === undefined ? {} : { 'cbc:DueDate': dueOn }), 'cbc:InvoiceTypeCode': type }),
    'cbc:DocumentCurrencyCode': currency,
    'cac:InvoicePeriod': { 'cbc:StartDate': period.from, 'cbc:EndDate': period.to },
    ...(corrects === undefined
      ? {}
      : {
          'cac:BillingReference': {
            'cac:InvoiceDocumentReference': { 'cbc:ID': corrects.number, 'cbc:IssueDate': corrects.issuedOn },
          },
        }),
  };
}

/** ISO/IEC 6523: 0221 is the register of issuers of qualified invoices in Japan. */
const registerOfIssuers = '0221';

function party({ id, name, registrationNumber, address, country }: Party) {
  return {
    'cac:Party': {
      ...(registrationNumber === undefined
        ? {}
        : { 'cbc:EndpointID': { '@schemeID': registerOfIssuers, '#': registrationNumber } }),
      'cac:PartyIdentification': { 'cbc:ID': id },
      'cac:PostalAddress': {
        ...(address === undefined ? {} : { 'cbc:StreetName': address }),
        'cac:Country': { 'cbc:IdentificationCode': country },
      },
      ...(registrationNumber === undefined
        ? {}
        : {
            'cac:PartyTaxScheme': {
              'cbc:CompanyID': registrationNumber,
              'cac:TaxScheme': { 'cbc:ID': 'VAT' },
            },
          }),
      'cac:PartyLegalEntity': { 'cbc:RegistrationName': name },
    },
  };
}

function paymentTerms({ kind, dueOn }: Invoice): string {
  if (isCreditNote({ kind })) {
    return 'Set off against what is owed.';
  }
  return dueOn === undefined ? 'As agreed.' : `Due on ${dueOn}.`;
}

function taxTotal({ groups, tax, currency }: Invoice) {
  return {
    'cbc:TaxAmount': coins(tax, currency),
    'cac:TaxSubtotal': groups.map((group) => ({
      'cbc:TaxableAmount': coins(group.net, currency),
      'cbc:TaxAmount': coins(group.tax, currency),
      'cac:TaxCategory': category(group.rateBasisPoints),
    })),
  };
}

function totals({ net, total, currency }: Invoice) {
  return {
    'cbc:LineExtensionAmount': coins(net, currency),
    'cbc:TaxExclusiveAmount': coins(net, currency),
    'cbc:TaxInclusiveAmount': coins(total, currency),
    'cbc:PayableAmount': coins(total, currency),
  };
}

function lineOf(
  { description, subject, facts, rateBasisPoints }: DocumentLine,
  at: {
    readonly index: number;
    readonly share: bigint;
    readonly currency: Currency;
    readonly isCredit: boolean;
  },
) {
  const { index, share, currency, isCredit } = at;
  // The price of a piece is never negative (ibr-27); a line that takes off is a negative number of pieces.
  const quantity = share < 0n ? '-1' : '1';
  const price = share < 0n ? -share : share;
  return {
    'cbc:ID': String(index + 1),
    [isCredit ? 'cbc:CreditedQuantity' : 'cbc:InvoicedQuantity']: { '@unitCode': 'C62', '#': quantity },
    'cbc:LineExtensionAmount': coins(share, currency),
    'cac:Item': {
      'cbc:Name': description,
      'cac:SellersItemIdentification': { 'cbc:ID': `${subject.kind}:${subject.id}` },
      'cac:ClassifiedTaxCategory': category(rateBasisPoints),
      'cac:AdditionalItemProperty': facts.map(({ name, value }) => ({
        'cbc:Name': name,
        'cbc:Value': value,
      })),
    },
    'cac:Price': { 'cbc:PriceAmount': coins(price, currency) },
  };
}

/** UNCL 5305: S the standard rate, AA the reduced one (8 % in Japan), O what is not subject to the tax, which has no rate. */
function category(rateBasisPoints: number) {
  const scheme = { 'cac:TaxScheme': { 'cbc:ID': 'VAT' } };
  if (rateBasisPoints === 0) {
    return { 'cbc:ID': 'O', ...scheme };
  }
  const code = rateBasisPoints === reducedRateBasisPoints ? 'AA' : 'S';
  return { 'cbc:ID': code, 'cbc:Percent': percentText(rateBasisPoints), ...scheme };
}

const reducedRateBasisPoints = 800;

function coins(amount: bigint, currency: Currency) {
  return { '@currencyID': currency, '#': formatMoney(amount, currency) };
}
