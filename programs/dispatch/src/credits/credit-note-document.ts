import type { Fact, Invoice } from '@taika/documents/document';
import { priceFacts } from '../billing/price-facts.ts';
import type { DispatchContext } from '../context.ts';
import { findDocumentParties } from '../documents/queries.ts';
import type { CreditNoteRow } from './queries.ts';

/** A credit note as it is sent. Its tax makes that of all credits the tax of their sum, so it is taken from the books. */
export async function creditNoteDocument(
  { sql }: Pick<DispatchContext, 'sql'>,
  row: CreditNoteRow,
): Promise<Invoice> {
  const parties = await findDocumentParties(sql, row.id);
  if (parties === undefined) {
    throw new Error(`Credit note ${row.documentNumber} has no parties.`);
  }
  const { netMilli: net, taxMilli: tax, totalMilli: total, taxBasisPoints: rateBasisPoints } = row;
  const issuedOn = dayOf(row.issuedAt);
  return {
    kind: 'credit-note',
    number: row.documentNumber,
    issuedOn,
    period: { from: dayOf(row.invoiceIssuedAt), to: issuedOn },
    currency: row.currency,
    ...parties,
    corrects: { number: row.invoiceDocumentNumber, issuedOn: dayOf(row.invoiceIssuedAt) },
    lines: [
      {
        description: row.reason,
        subject: { kind: 'job', id: row.jobId },
        facts: factsOf(row),
        amount: net,
        rateBasisPoints,
      },
    ],
    groups: [{ rateBasisPoints, net, tax }],
    net,
    tax,
    total,
  };
}

/** Of a correction: what the right results are worth is fuel × price × factor, and the note is the difference to the invoice. */
function factsOf(row: CreditNoteRow): Fact[] {
  if (row.correctedFuel === null) {
    return [];
  }
  return [
    { name: 'units', value: String(row.correctedUnits) },
    { name: 'fuel-invoiced', value: row.invoicedFuel },
    { name: 'fuel', value: row.correctedFuel },
    ...priceFacts(row),
  ];
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 'yyyy-mm-dd'.length);
}
