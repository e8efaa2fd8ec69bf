import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  jobLine,
  sampleClaim,
  sampleClaimCorrection,
  sampleCreditNote,
  sampleInvoice,
} from '../test/sample.ts';
import { checkUbl } from './check-ubl.ts';
import { invoiceOf } from './document.ts';
import { lineShares } from './line-shares.ts';
import { publishedRules } from './published-rules.ts';
import { renderUbl } from './render-ubl.ts';
import { at, readTree, textAt } from './xml-tree.ts';

test('an invoice, a self-billed claim and the credit notes of both keep the published rules', () => {
  const documents = {
    '380': sampleInvoice(),
    '381': sampleCreditNote(),
    '389': sampleClaim(),
    '261': sampleClaimCorrection(),
  };
  for (const [code, document] of Object.entries(documents)) {
    const xml = renderUbl(document);
    assert.deepEqual(checkUbl(xml), [], code);
    const root = readTree(xml);
    assert.equal(textAt(root, 'cbc:InvoiceTypeCode') ?? textAt(root, 'cbc:CreditNoteTypeCode'), code);
  }
});

test('whatever is sold, in any currency and at any rates, the rules are kept and lines sum to the net of their rate', () => {
  const line = fc.record({
    amount: fc.bigInt(-5_000_000n, 50_000_000n),
    rate: fc.constantFrom(0, 800, 1000, 725),
    name: fc.string({ unit: 'binary', minLength: 1 }),
  });
  const cases = fc.tuple(
    fc.array(line, { minLength: 1, maxLength: 12 }),
    fc.constantFrom('JPY', 'EUR', 'KWD'),
  );
  fc.assert(
    fc.property(cases, ([wanted, currency]) => {
      const lines = wanted.map(({ amount, rate, name }, index) => ({
        ...jobLine(index, amount, rate),
        description: `job ${name}`,
      }));
      const invoice = invoiceOf({ ...sampleInvoice(), currency, lines });
      const shares = lineShares(invoice);
      for (const { rateBasisPoints, net } of invoice.groups) {
        const ofRate = shares.filter((_, index) => lines[index]!.rateBasisPoints === rateBasisPoints);
        assert.equal(
          ofRate.reduce((sum, share) => sum + share, 0n),
          net,
        );
      }
      assert.deepEqual(checkUbl(renderUbl(invoice)), []);
    }),
    { numRuns: 150 },
  );
});

test('a line leads to its job by an identifier of the item', () => {
  const invoice = sampleInvoice();
  const ids = at(readTree(renderUbl(invoice)), 'cac:InvoiceLine').map((line) =>
    textAt(line, 'cac:Item', 'cac:SellersItemIdentification', 'cbc:ID'),
  );
  assert.deepEqual(
    ids,
    invoice.lines.map(({ subject }) => `job:${subject.id}`),
  );
});

test('each of these mistakes is found by the rule that forbids it', () => {
  const claim = renderUbl(sampleClaim());
  const mistakes: readonly [string, string | RegExp, string][] = [
    ['ibr-01', /<cbc:CustomizationID>[^<]*/, '<cbc:CustomizationID>'],
    ['ibr-02', /<cbc:ID>SBC[^<]*/, '<cbc:ID>'],
    ['ibr-03', '2026-11-25</cbc:IssueDate>', '25.11.2026</cbc:IssueDate>'],
    ['ibr-04', /<cbc:InvoiceTypeCode>389<\/cbc:InvoiceTypeCode>/, ''],
    ['ibr-05', '<cbc:DocumentCurrencyCode>JPY', '<cbc:DocumentCurrencyCode>'],
    ['ibr-06', /<cbc:RegistrationName>株式会社エディタ工房/, '<cbc:RegistrationName>'],
    ['ibr-07', /<cbc:RegistrationName>株式会社対価/, '<cbc:Name>株式会社対価'],
    ['ibr-09', /<cac:Country>[\s\S]*?<\/cac:Country>/, ''],
    ['ibr-23', / unitCode="C62"/, ''],
    ['ibr-27', '<cbc:PriceAmount currencyID="JPY">', '<cbc:PriceAmount currencyID="JPY">-'],
    ['ibr-29', '<cbc:EndDate>2026-11-25', '<cbc:EndDate>2026-10-25'],
    ['ibr-62', / schemeID="0221"/, ''],
    ['ibr-co-10', /(<cbc:LineExtensionAmount currencyID="JPY">)820/, '$1821'],
    ['ibr-co-15', /(<cbc:TaxInclusiveAmount currencyID="JPY">)870/, '$1871'],
    ['ibr-co-16', /(<cbc:PayableAmount currencyID="JPY">)870/, '$1869'],
    ['ibr-tax-08', /(<cbc:TaxableAmount currencyID="JPY">)500/, '$1501'],
    ['aligned-ibrp-001-jp', '@jp-1', '@eu-1'],
    ['aligned-ibrp-048', '<cbc:Percent>10</cbc:Percent>', ''],
    [
      'aligned-ibrp-051-jp',
      /(<cbc:TaxAmount currencyID="JPY">50<\/cbc:TaxAmount>\s*<cac:TaxCategory>)/,
      '<cbc:TaxAmount currencyID="JPY">52</cbc:TaxAmount><cac:TaxCategory>',
    ],
    ['aligned-ibrp-052', /<cac:InvoicePeriod>[\s\S]*?<\/cac:InvoicePeriod>/, ''],
    ['aligned-ibr-jp-01', /T9876543210987<\/cbc:CompanyID>/, 'T987654321098</cbc:CompanyID>'],
    ['aligned-ibr-jp-03', '<cbc:ID>VAT', '<cbc:ID>GST'],
    ['aligned-ibr-jp-04', /<cac:PartyTaxScheme>[\s\S]*?<\/cac:PartyTaxScheme>/, ''],
    ['aligned-ibr-jp-06', '<cbc:TaxAmount currencyID="JPY">50<', '<cbc:TaxAmount currencyID="JPY">50.00<'],
    [
      'ubl-order Invoice/cbc:IssueDate',
      /(<cbc:IssueDate>[^<]*<\/cbc:IssueDate>)\s*(<cbc:DueDate>[^<]*<\/cbc:DueDate>)/,
      '$2$1',
    ],
    ['ubl-order cac:Item/cbc:Colour', '<cbc:Name>', '<cbc:Colour>red</cbc:Colour><cbc:Name>'],
  ];
  for (const [rule, from, to] of mistakes) {
    const broken = rule.startsWith('aligned-ibr-jp-06')
      ? claim.replaceAll(from, to)
      : claim.replace(from, to);
    assert.notEqual(broken, claim, rule);
    assert.ok(checkUbl(broken).includes(rule), `${rule}: ${checkUbl(broken)}`);
  }
});

test('every rule has its own number', () => {
  const ids = publishedRules.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});
