import { isRegistrationNumber } from './document.ts';
import { at, below, type Element, textAt } from './xml-tree.ts';

/** A published rule: its number there, and what is wrong with a document that breaks it; undefined when it is kept. */
export interface PublishedRule {
  readonly id: string;
  readonly broken: (root: Element) => boolean;
}

/**
 * Rules of the PINT billing model (`ibr-…`) and of its Japanese specialisation (`aligned-…`), written anew from their published
 * sentences. These are the ones that concern what our documents contain; rules about allowances, charges, payment
 * means, tax representatives and attachments have nothing to look at here, and code lists are checked as far as we use them.
 */
export const publishedRules: readonly PublishedRule[] = [
  rule('ibr-01', (root) => textAt(root, 'cbc:CustomizationID') !== undefined),
  rule('ibr-02', (root) => textAt(root, 'cbc:ID') !== undefined),
  rule('ibr-03', (root) => isDay(textAt(root, 'cbc:IssueDate'))),
  rule('ibr-04', (root) => typeCode(root) !== undefined),
  rule('ibr-05', (root) => textAt(root, 'cbc:DocumentCurrencyCode') !== undefined),
  rule(
    'ibr-06',
    (root) => textAt(seller(root), 'cac:PartyLegalEntity', 'cbc:RegistrationName') !== undefined,
  ),
  rule('ibr-07', (root) => textAt(buyer(root), 'cac:PartyLegalEntity', 'cbc:RegistrationName') !== undefined),
  rule('ibr-08', (root) => at(seller(root), 'cac:PostalAddress').length === 1),
  rule('ibr-09', (root) => country(seller(root)) !== undefined),
  rule('ibr-10', (root) => at(buyer(root), 'cac:PostalAddress').length === 1),
  rule('ibr-11', (root) => country(buyer(root)) !== undefined),
  rule('ibr-12', (root) => total(root, 'LineExtensionAmount') !== undefined),
  rule('ibr-13', (root) => total(root, 'TaxExclusiveAmount') !== undefined),
  rule('ibr-14', (root) => total(root, 'TaxInclusiveAmount') !== undefined),
  rule('ibr-15', (root) => total(root, 'PayableAmount') !== undefined),
  rule('ibr-16', (root) => lines(root).length > 0),
  line('ibr-21', (each) => textAt(each, 'cbc:ID') !== undefined),
  line('ibr-22', (each) => quantity(each) !== undefined),
  line('ibr-23', (each) => quantity(each)?.attributes.unitCode !== undefined),
  line('ibr-24', (each) => textAt(each, 'cbc:LineExtensionAmount') !== undefined),
  line('ibr-25', (each) => textAt(each, 'cac:Item', 'cbc:Name') !== undefined),
  line('ibr-26', (each) => textAt(each, 'cac:Price', 'cbc:PriceAmount') !== undefined),
  line('ibr-27', (each) => scaled(textAt(each, 'cac:Price', 'cbc:PriceAmount')) >= 0n),
  rule('ibr-29', (root) =>
    at(root, 'cac:InvoicePeriod').every(
      (period) => (textAt(period, 'cbc:StartDate') ?? '') <= (textAt(period, 'cbc:EndDate') ?? ''),
    ),
  ),
  line('ibr-54', (each) =>
    at(each, 'cac:Item', 'cac:AdditionalItemProperty').every(
      (property) => textAt(property, 'cbc:Name') !== undefined && textAt(property, 'cbc:Value') !== undefined,
    ),
  ),
  rule('ibr-55', (root) =>
    at(root, 'cac:BillingReference', 'cac:InvoiceDocumentReference').every(
      (reference) => textAt(reference, 'cbc:ID') !== undefined,
    ),
  ),
  rule('ibr-62', (root) => hasScheme(seller(root))),
  rule('ibr-63', (root) => hasScheme(buyer(root))),
  rule(
    'ibr-co-10',
    (root) => scaled(total(root, 'LineExtensionAmount')) === sumOf(lines(root), 'cbc:LineExtensionAmount'),
  ),
  rule(
    'ibr-co-13',
    (root) => scaled(total(root, 'TaxExclusiveAmount')) === scaled(total(root, 'LineExtensionAmount')),
  ),
  rule(
    'ibr-co-15',
    (root) =>
      scaled(total(root, 'TaxInclusiveAmount')) === scaled(total(root, 'TaxExclusiveAmount')) + taxOf(root),
  ),
  rule(
    'ibr-co-16',
    (root) => scaled(total(root, 'PayableAmount')) === scaled(total(root, 'TaxInclusiveAmount')),
  ),
  rule(
    'ibr-co-25',
    (root) =>
      scaled(total(root, 'PayableAmount')) <= 0n ||
      textAt(root, 'cbc:DueDate') !== undefined ||
      textAt(root, 'cac:PaymentTerms', 'cbc:Note') !== undefined,
  ),
  rule('ibr-co-26', (root) =>
    [
      ['cac:PartyIdentification', 'cbc:ID'],
      ['cac:PartyTaxScheme', 'cbc:CompanyID'],
    ].some((path) => textAt(seller(root), ...path) !== undefined),
  ),
  rule('ibr-tax-01', (root) =>
    lines(root).every((each) => subtotals(root).some((subtotal) => codeOf(subtotal) === codeOf(each))),
  ),
  subtotal('ibr-tax-08', (each, root) => {
    const same = lines(root).filter((candidate) => keyOf(candidate) === keyOf(each));
    return scaled(textAt(each, 'cbc:TaxableAmount')) === sumOf(same, 'cbc:LineExtensionAmount');
  }),
  rule('aligned-ibrp-001-jp', (root) =>
    /^urn:peppol:pint:(self)?billing-1@jp-1$/.test(textAt(root, 'cbc:CustomizationID') ?? ''),
  ),
  rule('aligned-ibrp-002-jp', (root) =>
    /^urn:peppol:bis:(self)?billing$/.test(textAt(root, 'cbc:ProfileID') ?? ''),
  ),
  rule('aligned-ibrp-009', (root) => at(seller(root), 'cac:PartyTaxScheme', 'cbc:CompanyID').length <= 1),
  subtotal('aligned-ibrp-045', (each) => textAt(each, 'cbc:TaxableAmount') !== undefined),
  subtotal('aligned-ibrp-046', (each) => textAt(each, 'cbc:TaxAmount') !== undefined),
  subtotal('aligned-ibrp-047', (each) => codeOf(each) !== undefined),
  subtotal('aligned-ibrp-048', (each) => percentOf(each) !== undefined || codeOf(each) === 'O'),
  line(
    'aligned-ibrp-050-jp',
    (each) => codeOf(each) !== undefined && (percentOf(each) !== undefined || codeOf(each) === 'O'),
  ),
  subtotal('aligned-ibrp-051-jp', (each, root) => isTaxOf(each, root)),
  rule('aligned-ibrp-052', (root) => at(root, 'cac:InvoicePeriod').length > 0),
  rule('aligned-ibrp-o-01', (root) => {
    const isThere = lines(root).some((each) => codeOf(each) === 'O');
    return subtotals(root).filter((each) => codeOf(each) === 'O').length === (isThere ? 1 : 0);
  }),
  rule(
    'aligned-ibr-jp-01',
    (root) =>
      country(seller(root)) !== 'JP' ||
      isRegistrationNumber(textAt(seller(root), 'cac:PartyTaxScheme', 'cbc:CompanyID') ?? ''),
  ),
  rule('aligned-ibr-jp-03', (root) =>
    below(root)
      .filter(({ name }) => name === 'cac:TaxScheme')
      .every((scheme) => textAt(scheme, 'cbc:ID') === 'VAT'),
  ),
  rule(
    'aligned-ibr-jp-04',
    (root) => textAt(seller(root), 'cac:PartyTaxScheme', 'cbc:CompanyID') !== undefined,
  ),
  subtotal('aligned-ibr-jp-06', (each) => {
    const [amount] = at(each, 'cbc:TaxAmount');
    return amount?.attributes.currencyID !== 'JPY' || !amount.text.includes('.');
  }),
];

function rule(id: string, isKept: (root: Element) => boolean): PublishedRule {
  return { id, broken: (root) => !isKept(root) };
}

function line(id: string, isKept: (line: Element) => boolean): PublishedRule {
  return rule(id, (root) => lines(root).every(isKept));
}

function subtotal(id: string, isKept: (subtotal: Element, root: Element) => boolean): PublishedRule {
  return rule(id, (root) => subtotals(root).every((each) => isKept(each, root)));
}

function seller(root: Element): Element {
  return at(root, 'cac:AccountingSupplierParty', 'cac:Party')[0] ?? nothing;
}

function buyer(root: Element): Element {
  return at(root, 'cac:AccountingCustomerParty', 'cac:Party')[0] ?? nothing;
}

const nothing: Element = { name: '', attributes: {}, children: [], text: '' };

function lines(root: Element): readonly Element[] {
  return [...at(root, 'cac:InvoiceLine'), ...at(root, 'cac:CreditNoteLine')];
}

function subtotals(root: Element): readonly Element[] {
  return at(root, 'cac:TaxTotal', 'cac:TaxSubtotal');
}

function typeCode(root: Element): string | undefined {
  return textAt(root, 'cbc:InvoiceTypeCode') ?? textAt(root, 'cbc:CreditNoteTypeCode');
}

function country(party: Element): string | undefined {
  return textAt(party, 'cac:PostalAddress', 'cac:Country', 'cbc:IdentificationCode');
}

function quantity(line: Element): Element | undefined {
  return at(line, 'cbc:InvoicedQuantity')[0] ?? at(line, 'cbc:CreditedQuantity')[0];
}

function hasScheme(party: Element): boolean {
  return at(party, 'cbc:EndpointID').every(({ attributes }) => attributes.schemeID !== undefined);
}

function total(root: Element, name: string): string | undefined {
  return textAt(root, 'cac:LegalMonetaryTotal', `cbc:${name}`);
}

function taxOf(root: Element): bigint {
  return scaled(textAt(root, 'cac:TaxTotal', 'cbc:TaxAmount'));
}

/** The category of a line, or of a part of the tax. */
function categoryOf(element: Element): Element {
  return (
    at(element, 'cac:TaxCategory')[0] ?? at(element, 'cac:Item', 'cac:ClassifiedTaxCategory')[0] ?? nothing
  );
}

function codeOf(element: Element): string | undefined {
  return textAt(categoryOf(element), 'cbc:ID');
}

function percentOf(element: Element): string | undefined {
  return textAt(categoryOf(element), 'cbc:Percent');
}

function keyOf(element: Element): string {
  return `${codeOf(element)} ${percentOf(element)}`;
}

/** Between the floor and the ceiling of taxable amount × rate, in the currency's smallest coins. */
function isTaxOf(each: Element, root: Element): boolean {
  const tax = scaled(textAt(each, 'cbc:TaxAmount'));
  if (codeOf(each) === 'O') {
    return tax === 0n;
  }
  const digits = (textAt(root, 'cac:LegalMonetaryTotal', 'cbc:PayableAmount')?.split('.')[1] ?? '').length;
  const coin = 10n ** BigInt(decimals - digits);
  const exact = scaled(textAt(each, 'cbc:TaxableAmount')) * scaled(percentOf(each));
  const difference = tax * 100n * 10n ** BigInt(decimals) - exact;
  const bound = coin * 100n * 10n ** BigInt(decimals);
  return difference > -bound && difference < bound;
}

function sumOf(elements: readonly Element[], name: string): bigint {
  return elements.reduce((sum, each) => sum + scaled(textAt(each, name)), 0n);
}

const decimals = 6;

/** A decimal number as a whole number of millionths, so that sums are exact; what is no number makes every comparison fail. */
function scaled(text: string | undefined): bigint {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text ?? '') ?? [];
  if (whole === '') {
    return -(2n ** 200n);
  }
  const value = BigInt(`${whole}${fraction.padEnd(decimals, '0')}`);
  return sign === '-' ? -value : value;
}

function isDay(text: string | undefined): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text ?? '');
}
