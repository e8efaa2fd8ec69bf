import { type Fact, type Invoice, invoiceOf } from '@taika/documents/document';
import { exactMoneyText } from '@taika/documents/text';
import type { DispatchContext } from '../context.ts';
import { findDocumentParties } from '../documents/queries.ts';
import { priceFacts } from './price-facts.ts';
import { findJobPeriod, type InvoiceRow } from './queries.ts';

/** An invoice as it is sent. Throws where its totals are not those of its lines: then what was booked is not what is shown. */
export async function invoiceDocument(
  { sql }: Pick<DispatchContext, 'sql'>,
  row: InvoiceRow,
): Promise<Invoice> {
  const parties = await findDocumentParties(sql, row.id);
  if (parties === undefined) {
    throw new Error(`Invoice ${row.documentNumber} has no parties.`);
  }
  const { startedAt } = await findJobPeriod(sql, row.jobId);
  const invoice = invoiceOf({
    kind: 'invoice',
    number: row.documentNumber,
    issuedOn: dayOf(row.issuedAt),
    period: { from: dayOf(startedAt), to: dayOf(row.issuedAt) },
    currency: row.currency,
    ...parties,
    ...(row.voidedAt === null ? {} : { voidedOn: dayOf(row.voidedAt) }),
    lines: [
      {
        description: row.description,
        subject: { kind: 'job', id: row.jobId },
        facts: [
          { name: 'units', value: String(row.units) },
          { name: 'fuel', value: row.fuel },
          ...priceFacts(row),
          ...beyondLimit(row),
        ],
        amount: row.amountMilli,
        rateBasisPoints: row.taxBasisPoints,
      },
    ],
  });
  if (invoice.net !== row.netMilli || invoice.tax !== row.taxMilli || invoice.total !== row.totalMilli) {
    throw new Error(`Invoice ${row.documentNumber} does not sum to what was booked.`);
  }
  return invoice;
}

/** With this an amount that keeps to the job's bound can be worked out again too. */
function beyondLimit({ beyondLimitMilli, currency }: InvoiceRow): Fact[] {
  return beyondLimitMilli === 0n
    ? []
    : [{ name: 'beyond-limit', value: exactMoneyText(-beyondLimitMilli, currency) }];
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 'yyyy-mm-dd'.length);
}
