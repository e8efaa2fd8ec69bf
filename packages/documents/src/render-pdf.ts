import {
  type BusinessDocument,
  type DocumentLine,
  type Invoice,
  isSelfBilled,
  type Locale,
  type Statement,
} from './document.ts';
import { eventText, facts as factNames, labels, matchText, titles, voidTitle } from './labels.ts';
import {
  drawAmount,
  drawFoot,
  drawHead,
  drawNotes,
  drawParties,
  drawSums,
  drawTable,
  type Word,
} from './pdf-parts.ts';
import { openSheets, type Sheets } from './pdf-sheet.ts';
import { dayText, decimalsOf, exactMoneyText, groupedText, moneyText, periodText, rateText } from './text.ts';

/** A document as PDF: A4, fonts embedded, its text selectable. The same document gives the same bytes. */
export function renderPdf(document: BusinessDocument, locale: Locale): Promise<Uint8Array> {
  const issuer = document.kind === 'statement' ? document.issuer : issuerOf(document);
  const name = `${titleOf(document)[locale]} ${document.number}`;
  const sheets = openSheets({
    title: name,
    author: issuer.name,
    language: locale,
    createdAt: new Date(`${document.issuedOn}T00:00:00Z`),
  });
  if (document.kind === 'statement') {
    drawStatement(sheets, document, locale);
  } else {
    drawInvoice(sheets, document, locale);
  }
  return sheets.finish((page, pages) => drawFoot(sheets, { name: `${issuer.name}　${name}`, page, pages }));
}

function titleOf(document: BusinessDocument) {
  const title = titles[document.kind];
  return document.kind !== 'statement' && document.voidedOn !== undefined ? voidTitle(title) : title;
}

/** Who prepared the document. */
function issuerOf(invoice: Invoice) {
  return isSelfBilled(invoice) ? invoice.buyer : invoice.seller;
}

function drawInvoice(sheets: Sheets, invoice: Invoice, locale: Locale): void {
  const { kind, currency, seller, buyer, total } = invoice;
  const decimals = decimalsOf(
    invoice.lines.map(({ amount }) => amount),
    currency,
  );
  const byBuyer = isSelfBilled(invoice);
  const isVoid = invoice.voidedOn !== undefined;
  let y = drawHead(sheets, locale, { title: titleOf(invoice), rows: headRows(invoice, locale) });
  y = drawParties(sheets, locale, {
    y,
    left: byBuyer ? [labels.supplier, seller, true] : [labels.buyer, buyer, true],
    right: byBuyer ? [labels.issuer, buyer, false] : [labels.seller, seller, false],
  });
  const words = {
    invoice: labels.amountDue,
    'credit-note': labels.amountCredited,
    'self-billed-claim': labels.amountPayable,
    'self-billed-credit-note': labels.amountCredited,
  };
  y = drawAmount(sheets, locale, {
    y,
    word: isVoid ? labels.voidedAmount : words[kind],
    amount: moneyText(isVoid ? 0n : total, currency),
  });
  y = drawTable(sheets, locale, {
    y,
    columns: [
      { word: { ja: '番', en: 'No' }, width: 34 },
      { word: labels.description, width: 305.28 },
      { word: labels.rate, width: 56, align: 'right' },
      { word: labels.amount, width: 104, align: 'right' },
    ],
    rows: invoice.lines.map((line, index) => [
      { text: String(index + 1) },
      { text: line.description, below: sourceOf(line, locale), isStrong: true },
      { text: taxRate(line.rateBasisPoints, locale) },
      { text: exactMoneyText(line.amount, currency, decimals) },
    ]),
  });
  y = drawSums(sheets, { y, rows: sumRows(invoice, locale) });
  const notes = {
    invoice: [labels.rounding],
    'credit-note': [labels.rounding],
    'self-billed-claim': [labels.selfBilling, labels.rounding],
    'self-billed-credit-note': [labels.selfBilledCredit],
  }[kind];
  drawNotes(sheets, { y, notes: notes.map((note) => note[locale]) });
}

function headRows({ number, issuedOn, dueOn, period, corrects, voidedOn }: Invoice, locale: Locale) {
  const rows: [Word, string][] = [
    [labels.number, number],
    [labels.issued, dayText(issuedOn, locale)],
    [labels.period, periodText(period, locale)],
  ];
  if (dueOn !== undefined) {
    rows.push([labels.due, dayText(dueOn, locale)]);
  }
  if (voidedOn !== undefined) {
    rows.push([labels.voided, dayText(voidedOn, locale)]);
  }
  if (corrects !== undefined) {
    rows.push([labels.corrects, `${corrects.number} (${dayText(corrects.issuedOn, locale)})`]);
  }
  return rows;
}

const noBreakSpace = '\u00a0';
const unbrokenMax = 30;

/** Where the amount comes from: the job, registration or order, and what was counted. */
function sourceOf({ subject, facts }: DocumentLine, locale: Locale): string {
  const kinds = { job: labels.job, order: labels.order, registration: labels.registrationOf };
  // A name and its value are not torn apart at a line's end, unless they are long, as reasons are.
  const parts = facts.map(({ name, value }) => {
    const part = `${factNames[name][locale]} ${groupedText(value)}`;
    return part.length > unbrokenMax ? part : part.replaceAll(' ', noBreakSpace);
  });
  return [`${kinds[subject.kind][locale]} ${subject.id}`, parts.join(locale === 'ja' ? '・' : ' · ')]
    .filter((part) => part !== '')
    .join('\n');
}

function sumRows({ groups, currency, net, tax, total }: Invoice, locale: Locale): [string, string][] {
  const byRate = groups.flatMap((group): [string, string][] => {
    if (group.rateBasisPoints === 0) {
      return [[labels.untaxedAmount[locale], moneyText(group.net, currency)]];
    }
    const rate = rateText(group.rateBasisPoints);
    return [
      [`${labels.taxable[locale]} ${rate}`, moneyText(group.net, currency)],
      [`${labels.tax[locale]} ${rate}`, moneyText(group.tax, currency)],
    ];
  });
  const whole: [string, string][] =
    groups.length > 1
      ? [
          [labels.net[locale], moneyText(net, currency)],
          [labels.tax[locale], moneyText(tax, currency)],
        ]
      : [];
  return [...byRate, ...whole, [labels.total[locale], moneyText(total, currency)]];
}

function taxRate(rateBasisPoints: number, locale: Locale): string {
  return rateBasisPoints === 0 ? labels.untaxed[locale] : rateText(rateBasisPoints);
}

function drawStatement(sheets: Sheets, statement: Statement, locale: Locale): void {
  const { number, issuedOn, period, currency, issuer, counterparty, opening, lines, closing, chainHead } =
    statement;
  const decimals = decimalsOf(
    lines.map(({ amount }) => amount),
    currency,
  );
  let y = drawHead(sheets, locale, {
    title: titles.statement,
    rows: [
      [labels.number, number],
      [labels.issued, dayText(issuedOn, locale)],
      [labels.period, periodText(period, locale)],
    ],
  });
  y = drawParties(sheets, locale, {
    y,
    left: [labels.counterparty, counterparty, true],
    right: [labels.issuer, issuer, false],
  });
  y = drawAmount(sheets, locale, { y, word: labels.closing, amount: exactMoneyText(closing, currency) });
  y = drawTable(sheets, locale, {
    y,
    columns: [
      { word: labels.day, width: 74 },
      { word: labels.description, width: 235.28 },
      { word: labels.match, width: 100 },
      { word: labels.eventAmount, width: 90, align: 'right' },
    ],
    rows: lines.map(({ on, description, event, amount, match }) => [
      { text: on },
      { text: eventText(description, locale), below: event, isStrong: true },
      match === undefined
        ? { text: '' }
        : matchText(match, { locale, theirs: exactMoneyText(match.theirs ?? 0n, currency) }),
      { text: exactMoneyText(amount, currency, decimals) },
    ]),
  });
  y = drawSums(sheets, {
    y,
    rows: [
      [labels.opening[locale], exactMoneyText(opening, currency)],
      [labels.closing[locale], exactMoneyText(closing, currency)],
    ],
  });
  drawNotes(sheets, { y, notes: [`${labels.chain[locale]}: ${chainHead.position} ${chainHead.hash}`] });
}
