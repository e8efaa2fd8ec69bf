import { formatMoney, formatMoneyExactly } from '@taika/ledger/money';
import type { BusinessDocument, Invoice, Statement } from './document.ts';
import { percentText } from './text.ts';

/**
 * A document as CSV (RFC 4180) in UTF-8, with a byte order mark, without which spreadsheets misread Japanese. One row a line, and
 * the document's own facts repeated on each, so that rows of many documents can be put together.
 */
export function renderCsv(document: BusinessDocument): string {
  const rows = document.kind === 'statement' ? statementRows(document) : invoiceRows(document);
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function invoiceRows(invoice: Invoice): string[][] {
  const {
    kind,
    number,
    issuedOn,
    period,
    seller,
    buyer,
    currency,
    lines,
    net,
    tax,
    total,
    voidedOn,
    corrects,
  } = invoice;
  const exact = (amount: bigint) => formatMoneyExactly(amount, currency);
  const coins = (amount: bigint) => formatMoney(amount, currency);
  return [
    [
      'document',
      'number',
      'issued_on',
      'period_from',
      'period_to',
      'seller',
      'seller_registration_number',
      'buyer',
      'line',
      'description',
      'subject',
      'subject_id',
      'facts',
      'currency',
      'amount_before_tax',
      'tax_percent',
      'document_net',
      'document_tax',
      'document_total',
      'corrects',
      'void_on',
    ],
    ...lines.map(({ description, subject, facts, amount, rateBasisPoints }, index) => [
      kind,
      number,
      issuedOn,
      period.from,
      period.to,
      seller.name,
      seller.registrationNumber ?? '',
      buyer.name,
      String(index + 1),
      description,
      subject.kind,
      subject.id,
      facts.map(({ name, value }) => `${name}=${value}`).join('; '),
      currency,
      exact(amount),
      percentText(rateBasisPoints),
      coins(net),
      coins(tax),
      coins(total),
      corrects?.number ?? '',
      voidedOn ?? '',
    ]),
  ];
}

function statementRows({
  number,
  issuedOn,
  period,
  issuer,
  counterparty,
  currency,
  lines,
}: Statement): string[][] {
  return [
    [
      'document',
      'number',
      'issued_on',
      'period_from',
      'period_to',
      'issuer',
      'counterparty',
      'line',
      'on',
      'event',
      'description',
      'currency',
      'amount',
      'match',
      'reason',
    ],
    ...lines.map(({ event, on, description, amount, match }, index) => [
      'statement',
      number,
      issuedOn,
      period.from,
      period.to,
      issuer.name,
      counterparty.name,
      String(index + 1),
      on,
      event,
      description,
      currency,
      formatMoneyExactly(amount, currency),
      match?.state ?? '',
      match?.reason ?? '',
    ]),
  ];
}

/** A text that a spreadsheet would take for a formula is written as text. Amounts of ours begin with a digit or with a minus and a digit. */
function cell(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
