import { publishedRules } from './published-rules.ts';
import { below, type Element, readTree } from './xml-tree.ts';

/**
 * What a UBL document breaks: numbers of the published rules, and `ubl-order …` for an element that the schema of UBL 2.1 does not
 * have there or has earlier. Empty for a good one.
 */
export function checkUbl(xml: string): readonly string[] {
  const root = readTree(xml);
  return [...outOfOrder(root), ...publishedRules.filter(({ broken }) => broken(root)).map(({ id }) => id)];
}

/** The order of children in the schema, as far as we write them. */
const sequences: Readonly<Record<string, readonly string[]>> = {
  Invoice: documentSequence(['cbc:DueDate', 'cbc:InvoiceTypeCode'], 'cac:InvoiceLine'),
  CreditNote: documentSequence(['cbc:CreditNoteTypeCode'], 'cac:CreditNoteLine'),
  'cac:InvoicePeriod': ['cbc:StartDate', 'cbc:EndDate'],
  'cac:BillingReference': ['cac:InvoiceDocumentReference'],
  'cac:InvoiceDocumentReference': ['cbc:ID', 'cbc:IssueDate'],
  'cac:AccountingSupplierParty': ['cac:Party'],
  'cac:AccountingCustomerParty': ['cac:Party'],
  'cac:Party': [
    'cbc:EndpointID',
    'cac:PartyIdentification',
    'cac:PostalAddress',
    'cac:PartyTaxScheme',
    'cac:PartyLegalEntity',
  ],
  'cac:PartyIdentification': ['cbc:ID'],
  'cac:PostalAddress': ['cbc:StreetName', 'cac:Country'],
  'cac:Country': ['cbc:IdentificationCode'],
  'cac:PartyTaxScheme': ['cbc:CompanyID', 'cac:TaxScheme'],
  'cac:PartyLegalEntity': ['cbc:RegistrationName'],
  'cac:TaxScheme': ['cbc:ID'],
  'cac:PaymentTerms': ['cbc:Note'],
  'cac:TaxTotal': ['cbc:TaxAmount', 'cac:TaxSubtotal'],
  'cac:TaxSubtotal': ['cbc:TaxableAmount', 'cbc:TaxAmount', 'cac:TaxCategory'],
  'cac:TaxCategory': ['cbc:ID', 'cbc:Percent', 'cac:TaxScheme'],
  'cac:ClassifiedTaxCategory': ['cbc:ID', 'cbc:Percent', 'cac:TaxScheme'],
  'cac:LegalMonetaryTotal': [
    'cbc:LineExtensionAmount',
    'cbc:TaxExclusiveAmount',
    'cbc:TaxInclusiveAmount',
    'cbc:PayableAmount',
  ],
  'cac:InvoiceLine': ['cbc:ID', 'cbc:InvoicedQuantity', 'cbc:LineExtensionAmount', 'cac:Item', 'cac:Price'],
  'cac:CreditNoteLine': [
    'cbc:ID',
    'cbc:CreditedQuantity',
    'cbc:LineExtensionAmount',
    'cac:Item',
    'cac:Price',
  ],
  'cac:Item': [
    'cbc:Name',
    'cac:SellersItemIdentification',
    'cac:ClassifiedTaxCategory',
    'cac:AdditionalItemProperty',
  ],
  'cac:SellersItemIdentification': ['cbc:ID'],
  'cac:AdditionalItemProperty': ['cbc:Name', 'cbc:Value'],
  'cac:Price': ['cbc:PriceAmount'],
};

function documentSequence(typed: readonly string[], line: string): readonly string[] {
  return [
    'cbc:CustomizationID',
    'cbc:ProfileID',
    'cbc:ID',
    'cbc:IssueDate',
    ...typed,
    'cbc:DocumentCurrencyCode',
    'cac:InvoicePeriod',
    'cac:BillingReference',
    'cac:AccountingSupplierParty',
    'cac:AccountingCustomerParty',
    'cac:PaymentTerms',
    'cac:TaxTotal',
    'cac:LegalMonetaryTotal',
    line,
  ];
}

function outOfOrder(root: Element): readonly string[] {
  return [root, ...below(root)].flatMap((parent) => {
    const sequence = sequences[parent.name] ?? [];
    let reached = 0;
    return parent.children.flatMap((child) => {
      const place = sequence.indexOf(child.name);
      const isWrong = place < reached;
      reached = Math.max(reached, place);
      return isWrong ? [`ubl-order ${parent.name}/${child.name}`] : [];
    });
  });
}
